//! The operations of RFC 6902 that are used.

use json_patch::{
    AddOperation, MoveOperation, PatchOperation, RemoveOperation, ReplaceOperation, jsonptr::PointerBuf,
};
use serde_json::Value as Json;

fn pointer(path: &str) -> PointerBuf {
    PointerBuf::parse(path).unwrap_or_default()
}

pub(super) fn add(path: &str, value: Json) -> PatchOperation {
    PatchOperation::Add(AddOperation { path: pointer(path), value })
}

pub(super) fn replace(path: &str, value: Json) -> PatchOperation {
    PatchOperation::Replace(ReplaceOperation { path: pointer(path), value })
}

pub(super) fn remove(path: &str) -> PatchOperation {
    PatchOperation::Remove(RemoveOperation { path: pointer(path) })
}

pub(super) fn move_to(from: &str, path: &str) -> PatchOperation {
    PatchOperation::Move(MoveOperation { from: pointer(from), path: pointer(path) })
}
