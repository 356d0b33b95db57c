//! The JSON report `lab.result/1`. It may not know more than the result's own field names, which are binding.

use super::result::Report;

/// The whole report, indented, ending in a newline. Field order is that of the structs, so two runs compare by byte.
///
/// # Errors
/// Where a number is none that JSON has: no duration that a clock gave is.
pub fn json(report: &Report) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
