//! Modules that programs do without.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Modules that programs try, and do without.
const OPTIONAL: &str = " xformers triton apex tensorboard tensorboardx flash_attn sageattention bitsandbytes deepspeed tensorrt \
    tensorrt_libs torch_tensorrt onnxsim pynvml nvidia_smi pycuda cupy wandb comet_ml clearml mlflow neptune thop pycocotools nvidia faiss \
    boto3 IPython ipywidgets matplotlib seaborn torch_npu torch_xla torch_directml torch_mlu intel_extension_for_pytorch habana_frameworks \
    openvino ncnn coremltools paddle jax jaxlib flax tensorflow keras tf2onnx ninja simplejson ujson orjson rapidjson cPickle brotli \
    brotlicffi zstandard uvloop httptools watchfiles watchdog colorama rich readline gnureadline pyreadline colorlog sentry_sdk \
    opentelemetry prometheus_client ddtrace spconv mamba_ssm causal_conv1d natten diff_gaussian_rasterization pytorch3d kaolin tinycudann \
    nvdiffrast hydra sklearnex cchardet charset_normalizer socks win32api pywintypes winreg msvcrt _winreg fcntl pwd lmdb petrel_client \
    mc memcache tcs_client optree tomllib tomli torchcodec torchtext amp_C fused_layer_norm_cuda exllama_kernels optimum auto_gptq awq \
    quanto gguf liger_kernel unsloth vllm sglang ttsfrd whisper openai_whisper detectron2 dali turbojpeg accimage \
    jpeg4py av pyav ";

static OPTIONALS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| OPTIONAL.split_ascii_whitespace().collect());

/// Whether programs do without a module.
pub fn is_optional(module: &[u8]) -> bool {
    std::str::from_utf8(module).is_ok_and(|module| OPTIONALS.contains(module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole() {
        assert!(is_optional(b"apex") && !is_optional(b"") && !is_optional(b"einops"));
    }
}
