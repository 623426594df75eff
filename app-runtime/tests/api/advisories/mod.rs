//! What was published as weaknesses of Parse Server, one test each, where no other file is about the matter anyway.
//! `advisories.txt` lists all of them with their tests.

mod data;
mod endless;
mod table;
