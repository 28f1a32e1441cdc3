//! What makes torch or onnxruntime run on the CPU beside a GPU that answers.

use crate::doctor::case::Case;
use crate::doctor::diagnosis::CheckFinding;
use crate::doctor::installed::Installed;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::remedy::Remedy;
use crate::shell::{assignment, quote};

/// Whatever of it there is.
pub fn on_the_cpu(case: &Case, facts: &InterpreterFacts, installed: &Installed) -> Vec<CheckFinding> {
    let python = quote(&facts.executable);
    let mut findings = Vec::new();
    let visible = case.invocation.environment.get("CUDA_VISIBLE_DEVICES");
    if let Some(value) = visible.filter(|value| hides_all(&value.to_string_lossy())) {
        findings.push(CheckFinding::warn(
            format!(
                "{} hides every GPU: torch and onnxruntime run on the CPU",
                assignment("CUDA_VISIBLE_DEVICES", value)
            ),
            Remedy::unset("CUDA_VISIBLE_DEVICES"),
        ));
    }
    if installed.version("onnxruntime").is_some() && installed.version("onnxruntime-gpu").is_some() {
        let gpu = installed.version("onnxruntime-gpu").unwrap_or_default();
        findings.push(CheckFinding::warn(
            "onnxruntime and onnxruntime-gpu are both installed: the one for the CPU wins",
            Remedy::shell(format!(
                "{python} -m pip uninstall -y onnxruntime onnxruntime-gpu && {python} -m pip install onnxruntime-gpu=={gpu}"
            )),
        ));
    } else if let Some(version) = installed.version("onnxruntime") {
        findings.push(CheckFinding::warn(
            format!("onnxruntime {version} is the one for the CPU"),
            Remedy::shell(format!(
                "{python} -m pip uninstall -y onnxruntime && {python} -m pip install onnxruntime-gpu"
            )),
        ));
    }
    if let Some(version) = installed.version("torch")
        && (version.ends_with("+cpu") || installed.torch_has_no_cuda())
    {
        findings.push(CheckFinding::warn(
            format!("torch {version} is built without CUDA: torch.cuda.is_available() is False"),
            "take the torch that is built for the CUDA that is here (pip's index of PyTorch: --index-url)",
        ));
    }
    findings
}

/// A list of devices that names none: it ends at the first that is not there.
fn hides_all(value: &str) -> bool {
    let first = value.split(',').next().unwrap_or_default().trim();
    let is_name = ["GPU-", "MIG-"].iter().any(|prefix| first.starts_with(prefix));
    !is_name && first.parse::<u32>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_end_at_the_first_that_is_none() {
        for (value, expected) in [
            ("-1", true),
            ("", true),
            ("NoDevFiles", true),
            ("none", true),
            ("0", false),
            ("1,-1", false),
            ("GPU-1a", false),
        ] {
            assert_eq!(hides_all(value), expected, "{value}");
        }
    }
}
