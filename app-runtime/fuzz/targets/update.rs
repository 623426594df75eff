#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| app_runtime_fuzz::update::run(input));
