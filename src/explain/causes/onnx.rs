//! What onnxruntime says of CUDA, cuDNN and TensorRT.

use super::cause::Condition::{AnyLevel, Begins, Lacks, Raised, Says};
use super::cause::{Cause, Weight};
use super::libraries::NO_TENSORRT;

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "tensorrt",
        title: "TensorRT's library {} is not found",
        chinese: "找不到 TensorRT 的库",
        means: "a program imports TensorRT, which is not part of CUDA",
        remedy: "install the TensorRT of the version in its name, or leave TensorRT out: onnxruntime and torch work without it",
        rules: &[(
            "{library}: cannot open shared object file",
            &[Begins(&["libnvinfer", "libnvonnxparser"]), Raised],
        )],
        tells: &["ImportError: libnvinfer.so.8: cannot open shared object file: No such file or directory"],
        ..Cause::ROW
    },
    Cause {
        name: "no-cuda-provider",
        weight: Weight::Hampers,
        title: "this onnxruntime was built without CUDA and runs on the CPU",
        chinese: "装的是 CPU 版 onnxruntime",
        means: "the package onnxruntime is for the CPU; installed together with onnxruntime-gpu, it replaces it",
        remedy: "python -m pip uninstall -y onnxruntime onnxruntime-gpu && python -m pip install onnxruntime-gpu (the version that the SDK's requirements name)",
        // onnxruntime: InferenceSession, get_available_providers
        rules: &[(
            "Specified provider 'CUDAExecutionProvider' is not in available provider names",
            &[AnyLevel],
        )],
        tells: &[
            "/x/onnxruntime_inference_collection.py:69: UserWarning: Specified provider 'CUDAExecutionProvider' is not in available provider names.Available providers: 'AzureExecutionProvider, CPUExecutionProvider'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cpu-fallback",
        weight: Weight::Hampers,
        title: "onnxruntime-gpu can't load its CUDA part and runs on the CPU, which is very slow",
        chinese: "onnxruntime-gpu 加载不了 CUDA 部分，退回 CPU",
        means: "the CUDA or cuDNN version that it needs is missing or not found",
        remedy: "install the onnxruntime-gpu that fits the CUDA and cuDNN here, or those that it wants, or show their directory: heygem-run -L DIR …",
        follows: &["cuda-library", "no-driver", "old-driver", "torch-no-gpu", "cudnn-mix"],
        rules: &[
            (
                "Failed to load library {library}",
                &[
                    Begins(&["libonnxruntime_providers"]),
                    NO_TENSORRT,
                    Lacks(&["cannot open shared object file"]),
                ],
            ),
            ("Failed to create CUDAExecutionProvider", &[AnyLevel]),
            ("CUDA_PATH is set but CUDA wasn", &[AnyLevel]),
            (
                "onnxruntime_providers_cuda.dll",
                &[Says(&["LoadLibrary failed", "Error loading", "rror 126"]), AnyLevel],
            ),
            ("Falling back to ['CPUExecutionProvider'] and retrying", &[AnyLevel]),
        ],
        tells: &[
            "Failed to load library libonnxruntime_providers_cuda.so",
            "[W:onnxruntime:Default, onnxruntime_pybind_state.cc:747 f] Failed to create CUDAExecutionProvider. Please reference https://onnxruntime.ai",
            "RuntimeError: D:\\a\\_work\\1\\s\\onnxruntime\\python\\onnxruntime_pybind_state.cc:857 f CUDA_PATH is set but CUDA wasnt able to be loaded. Please install the correct version of CUDA and cuDNN",
            "[E:onnxruntime:Default, provider_bridge_ort.cc:1992 f] LoadLibrary failed with error 126 \"\" when trying to load \"C:\\x\\onnxruntime_providers_cuda.dll\"",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "onnx-version",
        title: "a model is of a newer ONNX than this onnxruntime reads",
        chinese: "模型的 ONNX 版本比 onnxruntime 支持的新",
        means: "it was exported by a newer onnx; the file is not broken",
        remedy: "a newer onnxruntime-gpu, or export the model again with a lower opset and IR version",
        // onnxruntime: compatibility
        rules: &[
            ("nsupported model IR version", &[]),
            ("guarantees* support for models stamped with official released onnx opset versions", &[Raised]),
        ],
        tells: &[
            "onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : Load model from m.onnx failed:model.cc:146 Unsupported model IR version: 10, max supported IR version: 9",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "device-assert",
        title: "code on the GPU was given an index that is out of range",
        chinese: "GPU 代码收到越界的下标",
        means: "the input or the model does not fit the code: a label, token or index is larger than the table that it looks into; the driver and the memory are not the cause",
        remedy: "CUDA_LAUNCH_BLOCKING=1 heygem-run … shows which call it was; try another input, and fetch the model that belongs to this code",
        // torch: device-side assertions
        rules: &[("device-side assert triggered", &[])],
        tells: &["RuntimeError: CUDA error: device-side assert triggered"],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-fault",
        title: "a program on the GPU failed: it used memory that is not its own",
        chinese: "GPU 上的程序非法访问了内存",
        means: "a fault in the app or in a library, or a library that does not fit this GPU; the size of the memory is not the cause",
        remedy: "CUDA_LAUNCH_BLOCKING=1 heygem-run … shows which call it was; use the torch and onnxruntime-gpu that the SDK's requirements name, and work on one task at a time",
        // CUDA: cudaErrorIllegalAddress
        rules: &[
            ("an illegal memory access was encountered", &[]),
            ("CUDA error: unspecified launch failure", &[]),
            ("CUDA error: misaligned address", &[]),
        ],
        tells: &[
            "RuntimeError: CUDA error: an illegal memory access was encountered",
            "  what():  CUDA error: an illegal memory access was encountered",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cudnn-init",
        title: "cuDNN can't be used: it does not fit onnxruntime or torch, or the GPU's memory is full",
        chinese: "cuDNN 初始化失败：版本不符或显存不足",
        means: "the message is the same for both: check nvidia-smi first, then the versions",
        remedy: "nvidia-smi shows the GPU's memory; if there is enough, install the CUDA and cuDNN that this onnxruntime-gpu or torch was built for",
        rules: &[
            ("CUDNN_STATUS_NOT_INITIALIZED", &[]),
            ("CUDNN_STATUS_INTERNAL_ERROR", &[]),
            ("CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", &[]),
        ],
        tells: &["CUDNN failure 1: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=a"],
        ..Cause::ROW
    },
    Cause {
        name: "cublas-init",
        title: "cuBLAS can't be used: CUDA does not fit onnxruntime or torch, or the GPU's memory is full",
        chinese: "cuBLAS 初始化失败：CUDA 版本不符或显存不足",
        means: "the message is the same for both: check nvidia-smi first, then the versions",
        remedy: "nvidia-smi shows the GPU's memory; if there is enough, install the CUDA that this onnxruntime-gpu or torch was built for",
        rules: &[("CUBLAS_STATUS_NOT_INITIALIZED", &[])],
        tells: &[
            "CUBLAS failure 1: CUBLAS_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=a",
            "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-call-failed",
        title: "a calculation by cuDNN or cuBLAS failed: they do not fit this GPU or its driver, or the GPU's memory is full",
        chinese: "cuDNN/cuBLAS 计算失败：版本与显卡或驱动不符，或显存不足",
        means: "CUDA was there and the call was made; a build for older GPUs (on an RTX 50), another cuDNN before the right one, or memory that ran out gives the same message, as does an earlier fault on the GPU",
        remedy: "nvidia-smi shows the GPU's memory while it works; if there is enough, install the torch or onnxruntime-gpu, CUDA and cuDNN that were built for this GPU; CUDA_LAUNCH_BLOCKING=1 heygem-run … shows which call it was",
        // cuDNN and cuBLAS: status codes
        follows: &["gpu-memory", "gpu-too-new", "cudnn-mix", "gpu-fault"],
        rules: &[
            ("CUDNN_STATUS_EXECUTION_FAILED", &[]),
            ("CUBLAS_STATUS_EXECUTION_FAILED", &[]),
            ("CUDNN_STATUS_MAPPING_ERROR", &[]),
            ("CUBLAS_STATUS_MAPPING_ERROR", &[]),
            ("CUBLAS_STATUS_INTERNAL_ERROR", &[]),
        ],
        tells: &[
            "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
            "CUBLAS failure 13: CUBLAS_STATUS_EXECUTION_FAILED ; GPU=0 ; hostname=x ; expr=cublasGemmHelper(",
            "RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc)`",
        ],
        ..Cause::ROW
    },
];
