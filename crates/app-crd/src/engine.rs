//! The sizes of a replica. The price book has the same sizes with their prices; a test of the control plane compares them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The size of one replica; the price book has CPU, memory and price of each.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    #[default]
    Dev,
    S,
    M,
    L,
    Xl,
}

impl Engine {
    /// All sizes, smallest first.
    pub const ALL: [Engine; 5] = [Engine::Dev, Engine::S, Engine::M, Engine::L, Engine::Xl];

    /// Processor time of one replica, in thousandths of a core.
    pub const fn cpu_millis(self) -> u32 {
        match self {
            Engine::Dev => 250,
            Engine::S => 500,
            Engine::M => 1000,
            Engine::L => 2000,
            Engine::Xl => 4000,
        }
    }

    /// Memory of one replica, in MiB.
    pub const fn memory_mib(self) -> u32 {
        match self {
            Engine::Dev => 256,
            Engine::S => 512,
            Engine::M => 1024,
            Engine::L => 2048,
            Engine::Xl => 4096,
        }
    }

    /// The name in a spec and in the price book.
    pub const fn as_str(self) -> &'static str {
        match self {
            Engine::Dev => "dev",
            Engine::S => "s",
            Engine::M => "m",
            Engine::L => "l",
            Engine::Xl => "xl",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_is_larger_than_the_one_before() {
        for pair in Engine::ALL.windows(2) {
            assert!(pair[0].cpu_millis() < pair[1].cpu_millis());
            assert!(pair[0].memory_mib() < pair[1].memory_mib());
        }
    }

    #[test]
    fn the_name_is_the_one_of_the_spec() {
        for engine in Engine::ALL {
            assert_eq!(serde_json::to_value(engine).expect("text"), engine.as_str());
        }
    }
}
