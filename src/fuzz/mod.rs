//! Random scripts over everything the model knows: drawn, made smaller while they still show what they showed, and written
//! as scenario files. It knows scripts and the model, and may not know how the kernel is asked.

mod apart;
mod descriptors;
mod draw;
mod ends;
mod full;
mod generate;
mod mapped;
mod mapping;
mod moves;
mod pages;
mod rare;
mod shrink;
mod single;
mod tale;
mod vmas;
mod write;

pub use generate::{Drawn, draw};
pub use shrink::shrink;
pub use tale::Gives;
pub use write::write;
