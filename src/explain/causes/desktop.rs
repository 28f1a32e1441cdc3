//! Docker Desktop, WSL and the drives of Windows.

use super::cause::Cause;
use super::cause::Condition::Holds;

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "wsl-no-virtualization",
        title: "WSL can't start its virtual machine",
        chinese: "WSL 虚拟机无法启动（未启用虚拟化）",
        means: "Windows' feature Virtual Machine Platform is off, or virtualization is switched off in the BIOS",
        remedy: "in an administrator's prompt: wsl --install --no-distribution, and restart Windows; Task Manager, Performance, CPU shows whether virtualization is on: if not, switch it on in the BIOS",
        // Microsoft: troubleshooting WSL
        rules: &[
            ("HCS_E_HYPERV_NOT_INSTALLED", &[]),
            ("HCS_E_SERVICE_NOT_AVAILABLE", &[]),
            ("machine could not be started because a required feature is not installed", &[]),
            ("enable the Virtual Machine Platform Windows feature", &[]),
        ],
        tells: &[
            "Error code: Wsl/Service/CreateInstance/CreateVm/HCS/HCS_E_SERVICE_NOT_AVAILABLE",
            "错误代码: Wsl/Service/CreateInstance/CreateVm/HCS/HCS_E_HYPERV_NOT_INSTALLED",
            "The virtual machine could not be started because a required feature is not installed.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-drive",
        title: "a directory on a drive of Windows can't be made: {}",
        chinese: "Windows 上没有该盘符或上级目录",
        means: "HeyGem's compose file and client keep their data on drive D:, and this computer has no such drive, or it is another kind of drive",
        remedy: "name a drive that is there: change d:/… below volumes: in docker-compose.yml, and the same directory in the client; where the drive is there, make the directory; then: docker compose up -d",
        rules: &[
            ("mkdir {path}: The system cannot find the path specified", &[]),
            ("ENOENT: no such file or directory, mkdir '{path}'", &[Holds(&[":\\", ":/"])]),
        ],
        tells: &[
            "Error response from daemon: mkdir d:\\heygem_data: The system cannot find the path specified.",
            "Error: Error invoking remote method 'model/addModel': Error: ENOENT: no such file or directory, mkdir 'D:\\heygem_data\\face2face\\temp'",
        ],
        silent: &["Error: ENOENT: no such file or directory, mkdir '/root/.npm/_logs'"],
        ..Cause::ROW
    },
    Cause {
        name: "wsl-error",
        title: "Docker Desktop failed to start WSL",
        chinese: "Docker Desktop 启动 WSL 失败",
        means: "WSL hangs, was updated while it ran, or its virtual machine does not start",
        remedy: "in Windows: wsl --shutdown, then start Docker Desktop again; if it fails again: wsl --update, and restart Windows",
        // Docker Desktop: WSL
        rules: &[
            ("Unexpected WSL error", &[]),
            ("unexpected error occurred while executing a WSL command", &[]),
            ("unexpected error was encountered while executing a WSL command", &[]),
        ],
        tells: &[
            "Docker Desktop - Unexpected WSL error",
            "An unexpected error occurred while executing a WSL command. Either shut down WSL down with wsl --shutdown, and/or reboot your machine.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "wsl-integration",
        title: "Docker Desktop is not switched on for this WSL distribution",
        chinese: "Docker Desktop 没有为这个 WSL 发行版启用集成",
        means: "the command docker comes into WSL from Docker Desktop, for the distributions that are chosen there",
        remedy: "start Docker Desktop; Settings, Resources, WSL integration: switch this distribution on, Apply & restart; then open a new terminal",
        // Docker Desktop: WSL
        rules: &[("The command '{word}' could not be found in this WSL", &[])],
        tells: &["The command 'docker' could not be found in this WSL 2 distro."],
        ..Cause::ROW
    },
    Cause {
        name: "wsl-kernel",
        title: "WSL 2's kernel is missing or too old",
        chinese: "WSL 2 内核需要更新",
        means: "Docker Desktop runs in WSL 2, which has a kernel of its own",
        remedy: "in Windows: wsl --update, then wsl --shutdown, and start Docker Desktop again",
        // Microsoft: troubleshooting WSL
        rules: &[
            ("WSL 2 requires an update to its kernel component", &[]),
            ("WSL kernel version too low", &[]),
        ],
        tells: &["WSL 2 requires an update to its kernel component."],
        ..Cause::ROW
    },
    Cause {
        name: "credential-helper",
        title: "Docker's helper for stored logins is missing: docker-credential-{}",
        chinese: "缺少 Docker 凭据助手 docker-credential",
        means: "~/.docker/config.json names it, as Docker Desktop writes it; it is not installed here, or not on PATH in WSL or ssh",
        remedy: "take the line \"credsStore\" out of ~/.docker/config.json, then do the same again; public images need no login",
        // Docker: docker login, credential stores
        rules: &[("exec: \"docker-credential-{word}\": executable file not found", &[])],
        tells: &[
            "error getting credentials - err: exec: \"docker-credential-desktop.exe\": executable file not found in $PATH, out: ``",
        ],
        ..Cause::ROW
    },
];
