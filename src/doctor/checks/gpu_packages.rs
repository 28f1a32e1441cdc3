//! What makes torch or onnxruntime run on the CPU beside a GPU that answers.

use crate::doctor::case::Case;
use crate::doctor::diagnosis::CheckFinding;
use crate::doctor::installed::Installed;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::remedy::Remedy;
use crate::shell::{assignment, quote};

/// Whatever of it there is.
pub fn on_the_cpu(
    case: &Case,
    facts: &InterpreterFacts,
    installed: &Installed,
    gpus: &str,
) -> Vec<CheckFinding> {
    let python = quote(&facts.executable);
    let mut findings = Vec::new();
    let visible = case.invocation.environment.get("CUDA_VISIBLE_DEVICES");
    if let Some(value) = visible.filter(|value| hides_all(&value.to_string_lossy(), gpus)) {
        let first = value.to_string_lossy().into_owned();
        let first = first.split(',').next().unwrap_or_default().trim();
        let why = if names_device(first) { format!(": there is no GPU {first} here") } else { String::new() };
        findings.push(CheckFinding::warn(
            format!(
                "{} hides every GPU{why}: torch and onnxruntime run on the CPU",
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

/// A list of devices ends at the first that is not there: whether that is the first of all. `gpus` is what `nvidia-smi -L` says;
/// where it says nothing, any may be there.
fn hides_all(value: &str, gpus: &str) -> bool {
    let first = value.split(',').next().unwrap_or_default().trim();
    let listed =
        || gpus.lines().map(str::trim).filter(|line| line.starts_with("GPU ") && line.contains("UUID: "));
    let has_unique = |start: &str| gpus.contains(&format!("UUID: {start}"));
    let is_there = match first.parse::<usize>() {
        Ok(number) => number < listed().count(),
        Err(_) => first.starts_with("MIG-") || has_unique(first),
    };
    !names_device(first) || listed().count() > 0 && !is_there
}

/// A number, or a name as the driver gives one.
fn names_device(first: &str) -> bool {
    first.parse::<u32>().is_ok() || ["GPU-", "MIG-"].iter().any(|prefix| first.starts_with(prefix))
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
            assert_eq!(hides_all(value, ""), expected, "{value}");
        }
    }

    #[test]
    fn a_device_that_is_not_there_hides_the_others() {
        let gpus = "GPU 0: Tesla T4 (UUID: GPU-1a2b)\n";
        for (value, expected) in [
            ("0", false),
            ("1", true),
            ("7,0", true),
            ("0,7", false),
            ("GPU-1a", false),
            ("GPU-none", true),
            ("MIG-x", false),
        ] {
            assert_eq!(hides_all(value, gpus), expected, "{value}");
        }
    }
}
