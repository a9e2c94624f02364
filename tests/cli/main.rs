//! What a person or a program reads of any command: transcripts, formats, schemas.

#[path = "../support/draws.rs"]
mod draws;
mod forged;
mod report;
mod schemas;
mod transcripts;
