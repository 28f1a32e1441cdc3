//! Images and programs that are made for another processor.

use super::cause::Condition::{AnyLevel, Begins, EndsIn, Lacks, Says};
use super::cause::{Cause, Condition, Weight};

const SCRIPT_NAME: Condition = EndsIn(&[".sh", ".py", ".bash", "entrypoint"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "no-image-for-processor",
        title: "the image is not made for this machine's processor: there is none for {}",
        chinese: "镜像没有适合本机处理器架构的版本",
        means: "the registry has this image only for other processors; HeyGem's images are for x86_64 (amd64) with an NVIDIA GPU",
        remedy: "run it on an x86_64 machine with an NVIDIA GPU; only to try it without the GPU, and slowly: docker run --platform linux/amd64 … (Compose: platform: linux/amd64); docker manifest inspect IMAGE lists the processors that it is made for",
        // Docker: multi-platform images
        rules: &[("no matching manifest for {word} in the manifest list", &[Begins(&["linux/arm"])])],
        tells: &["no matching manifest for linux/arm64/v8 in the manifest list entries"],
        ..Cause::ROW
    },
    Cause {
        name: "windows-containers",
        title: "Docker Desktop is set to Windows containers, and the image is for Linux",
        chinese: "Docker Desktop 处于 Windows 容器模式",
        means: "the registry has the image only for Linux",
        remedy: "right-click Docker's icon in the task bar, Switch to Linux containers…, then: docker compose up -d",
        // Docker Desktop for Windows
        rules: &[
            ("no matching manifest for windows/amd64", &[]),
            ("image operating system \"linux\" cannot be used on this platform", &[]),
        ],
        tells: &["no matching manifest for windows/amd64 10.0.19045 in the manifest list entries"],
        ..Cause::ROW
    },
    Cause {
        name: "emulated",
        weight: Weight::Hampers,
        title: "an image for x86_64 runs by emulation on an ARM machine",
        chinese: "在 ARM 机器上模拟运行 x86_64 镜像",
        means: "the processor of a PC is imitated, which is slow, gives the container no NVIDIA GPU, and crashes some programs",
        remedy: "run it on an x86_64 machine with an NVIDIA GPU, or use an image for linux/arm64 where there is one (docker manifest inspect IMAGE lists them)",
        // Docker: multi-platform images
        follows: &["other-architecture"],
        rules: &[
            ("requested image's platform (linux/amd64", &[Says(&["host platform (linux/arm"]), AnyLevel]),
            ("qemu: uncaught target signal {n}", &[AnyLevel]),
            ("qemu-x86_64: Could not open '/lib64/ld-linux", &[]),
            ("rosetta error: failed to open elf", &[]),
        ],
        tells: &[
            "WARNING: The requested image's platform (linux/amd64) does not match the detected host platform (linux/arm64/v8) and no specific platform was requested",
            "qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "script-without-line",
        title: "{} is a script without a #! line",
        chinese: "脚本缺少 #! 首行",
        means: "the kernel does not know which program is to run it; a shell would guess, Python, systemd and Docker do not",
        remedy: "write #!/bin/sh (or #!/usr/bin/env bash, #!/usr/bin/env python3) as its very first line, or name the program: bash {}",
        // execve(2)
        rules: &[("xec format error: '{path}'", &[SCRIPT_NAME])],
        tells: &["OSError: [Errno 8] Exec format error: '/app/run.sh'"],
        ..Cause::ROW
    },
    Cause {
        name: "other-architecture-program",
        title: "the program {} is for another processor architecture",
        chinese: "程序是为另一种处理器架构编译的",
        means: "a program for ARM does not run on a PC, nor the other way round; a file that was not downloaded to its end gives the same message",
        remedy: "file {} says for which it is, uname -m what this machine is: install the one for this machine (ffmpeg: apt-get update && apt-get install -y ffmpeg), or download the build for it (x86_64 is also called amd64, aarch64 arm64)",
        // execve(2)
        rules: &[
            ("{word}: cannot execute binary file", &[]),
            ("zsh: exec format error: {word}", &[]),
            ("xec format error: '{path}'", &[]),
        ],
        tells: &[
            "bash: ./ffmpeg: cannot execute binary file: Exec format error",
            "bash: ./ffmpeg: 无法执行二进制文件: 可执行文件格式错误",
            "zsh: exec format error: ./heygem-run",
            "OSError: [Errno 8] Exec format error: './ffmpeg'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "other-architecture",
        title: "the image or program is for another processor architecture",
        chinese: "镜像或程序是为另一种处理器架构制作的",
        means: "an image for arm64 does not run on a PC (amd64), and one for amd64 does not run on ARM; a script without a #! line gives the same message",
        remedy: "pull the image for this machine: docker pull --platform linux/amd64 IMAGE (uname -m says x86_64: amd64; aarch64: linux/arm64), and remove the other one first: docker image rm IMAGE",
        // Docker: multi-platform images
        rules: &[
            ("xec format error", &[Lacks(&[".cpython-", ".so:"])]),
            ("requested image's platform (linux/arm", &[Says(&["host platform (linux/amd64"]), AnyLevel]),
            ("no matching manifest for linux/", &[]),
            ("is not a valid Win32 application", &[]),
        ],
        tells: &[
            "exec /opt/nvidia/nvidia_entrypoint.sh: exec format error",
            "standard_init_linux.go:228: exec user process caused: exec format error",
            "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64/v3) and no specific platform was requested",
        ],
        ..Cause::ROW
    },
];
