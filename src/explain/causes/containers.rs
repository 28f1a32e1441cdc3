//! Docker, its images, and what their entry points say.

use super::cause::Condition::{EndsIn, Holds, Lacks, Raised, Says};
use super::cause::{Cause, Condition, Weight};

const NO_DOCKER_FILE: Condition = EndsIn(&[".sh", ".py", ".bash", "entrypoint", "/start", "/run", "/init"]);

/// How a connection fails; a registry that answers has other words.
const REGISTRY: Condition = Says(&[
    "\": EOF",
    "dial tcp",
    "i/o timeout",
    "net/http: ",
    "context deadline exceeded",
    "read tcp",
    "connection re",
]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "line-ends",
        title: "a script's lines end as on Windows (CR LF)",
        chinese: "脚本使用了 Windows 换行符（CRLF）",
        means: "Linux takes the CR as part of the interpreter's name or of a command, and does not find it; git on Windows writes such lines",
        remedy: "dos2unix FILE, or sed -i 's/\\r$//' FILE; then build the image again. Where git makes them: git config core.autocrlf input",
        rules: &[
            ("bad interpreter: {_}^M: ", &[]),
            ("\\r: No such file or directory", &[]),
            ("set: Illegal option -$", &[]),
            ("set: -: invalid option", &[]),
            ("M: bad interpreter", &[Says(&["^M: bad"])]),
            ("\\r: bad interpreter", &[]),
            ("\\r’: No such file or directory", &[]),
            ("\\r': No such file or directory", &[]),
            ("$'\\r': command not found", &[]),
            ("syntax error near unexpected token `$'\\r''", &[]),
            ("^exec {path}: no such file or directory$", &[NO_DOCKER_FILE]),
            ("exec user process caused: no such file or directory", &[]),
            ("exec user process caused \"no such file or directory\"", &[]),
        ],
        tells: &[
            "exec /entrypoint.sh: no such file or directory",
            "/bin/sh: /scripts/start.sh: /bin/bash^M: bad interpreter: No such file or directory",
            "/usr/bin/env: ‘bash\\r’: No such file or directory",
            "env: 'python3\\r': No such file or directory",
            "run.sh: line 2: $'\\r': command not found",
            "standard_init_linux.go:228: exec user process caused: no such file or directory",
            "zsh: ./start.sh: bad interpreter: /bin/bash^M: no such file or directory",
            "env: python3\\r: No such file or directory",
            "start.sh: 2: set: Illegal option -",
        ],
        silent: &["exec /app/data: no such file or directory"],
        ..Cause::ROW
    },
    Cause {
        name: "no-interpreter",
        title: "the program that is to run {} is not here, or its first line ends as on Windows (CR LF)",
        chinese: "找不到 #! 指定的解释器，或脚本使用了 Windows 换行符（CRLF）",
        means: "a script names that program on its #! line, with a CR behind it where it was written on Windows; a compiled program names its loader, which another C library (Alpine's) does not have",
        remedy: "head -1 {} | cat -A shows the line: where it ends in ^M$, sed -i 's/\\r$//' {}; else install the program that it names",
        // bash 5.2: execute_cmd.c
        rules: &[("{word}: cannot execute: required file not found", &[])],
        tells: &["bash: ./app.sh: cannot execute: required file not found"],
        ..Cause::ROW
    },
    Cause {
        name: "layer-damaged",
        title: "a layer of the image arrived damaged",
        chinese: "下载的镜像层已损坏",
        means: "what was downloaded does not have the sum that the registry names: the connection, a mirror or the disk changed it",
        remedy: "pull it again: docker compose pull; if it fails in the same way, restart Docker, and leave out the mirror (registry-mirrors in Docker's settings)",
        rules: &[("filesystem layer verification failed for digest", &[]), ("unexpected commit digest", &[])],
        tells: &["failed to register layer: filesystem layer verification failed for digest sha256:5bdc"],
        ..Cause::ROW
    },
    Cause {
        name: "entry-missing",
        title: "the container's command is not in the image: {}",
        chinese: "镜像里没有容器要运行的命令",
        means: "the file was not copied into the image, or a volume that is mounted over its directory hides it",
        remedy: "correct command: or entrypoint: , or the volume; docker run --rm --entrypoint ls IMAGE -l / shows what is there",
        // runc
        rules: &[("exec: \"{path}\": stat {_}: no such file or directory", &[])],
        tells: &["exec: \"/entrypoint.sh\": stat /entrypoint.sh: no such file or directory: unknown"],
        ..Cause::ROW
    },
    Cause {
        name: "port-reserved",
        title: "Windows has reserved the port",
        chinese: "端口被 Windows（Hyper-V/winnat）保留",
        means: "Hyper-V and WSL reserve ranges of ports at each start; no program listens on this one",
        remedy: "use another port, or in an administrator's prompt: net stop winnat, start the container, net start winnat; netsh interface ipv4 show excludedportrange protocol=tcp lists the ranges",
        rules: &[("in a way forbidden by its access permissions", &[])],
        tells: &[
            "Ports are not available: exposing port TCP 0.0.0.0:8383 -> 0.0.0.0:0: listen tcp 0.0.0.0:8383: bind: An attempt was made to access a socket in a way forbidden by its access permissions.",
            "OSError: [WinError 10013] 以一种访问权限不允许的方式做了一个访问套接字的尝试。",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "docker-down",
        title: "Docker (Docker Desktop) does not run, or has stopped",
        chinese: "Docker（Docker Desktop）没有运行",
        means: "the docker command can't reach it; an image that was being pulled was not pulled to its end",
        remedy: "start Docker Desktop and wait until it is ready (Linux: sudo systemctl start docker), then: docker compose pull && docker compose up -d",
        // Docker: troubleshoot the daemon
        rules: &[
            ("Internal Server Error for API route and version", &[]),
            ("error during connect: ", &[]),
            ("Cannot connect to the Docker daemon at", &[]),
            ("failed to connect to the docker API at", &[]),
            ("dockerDesktopLinuxEngine: The system cannot find the file specified", &[]),
        ],
        tells: &[
            "unable to get image 'x': error during connect: Get \"http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.48/images/x/json\": open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified.",
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            "request returned Internal Server Error for API route and version http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.47/containers/json, check if the server supports the requested API version",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "docker-permission",
        title: "this user may not use Docker",
        chinese: "当前用户没有使用 Docker 的权限",
        means: "only root and the group docker may use its socket",
        remedy: "sudo usermod -aG docker \"$USER\", then log in again; or sudo docker …",
        // Docker: post-installation steps
        rules: &[
            ("permission denied while trying to connect to the Docker daemon socket", &[]),
            ("permission denied while trying to connect to the docker API", &[]),
        ],
        tells: &[
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pull-limit",
        title: "the registry's limit of pulls is reached",
        chinese: "拉取镜像次数超限",
        means: "Docker Hub limits the pulls of anonymous users, and of all who share an address, for some hours",
        remedy: "docker login, or wait",
        // Docker Hub: pull limits
        rules: &[("toomanyrequests: ", &[]), ("You have reached your pull rate limit", &[])],
        tells: &["Error response from daemon: toomanyrequests: You have reached your pull rate limit."],
        ..Cause::ROW
    },
    Cause {
        name: "no-image",
        title: "there is no such image in the registry, or it is not public",
        chinese: "镜像不存在，或没有访问权限",
        means: "the name or the tag is wrong, or the registry requires a login",
        remedy: "compare the name and tag with the registry's page; docker login for a private one",
        // Docker: docker pull
        rules: &[
            ("pull access denied for {word}", &[]),
            ("manifest unknown: manifest unknown", &[]),
            ("not found: manifest unknown", &[]),
        ],
        tells: &[
            "Error response from daemon: pull access denied for heygem, repository does not exist or may require 'docker login'",
            "Error response from daemon: manifest for guiji2025/heygem.ai:x not found: manifest unknown: manifest unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "registry-unreachable",
        title: "Docker does not reach the registry",
        chinese: "Docker 连不上镜像仓库",
        means: "the network, a proxy or the country's firewall blocks the daemon, which does not use the shell's proxy variables",
        remedy: "name a mirror in /etc/docker/daemon.json (\"registry-mirrors\"), or a proxy for the daemon (docs.docker.com, daemon proxy), then: sudo systemctl restart docker",
        rules: &[
            ("Get \"https://{_}/v2/{_}\": ", &[REGISTRY]),
            ("Head \"https://{_}/v2/{_}\": ", &[REGISTRY]),
            ("Get https://{word}/v2/: ", &[REGISTRY]),
            ("Get \"https://{_}/v2/\": ", &[]),
            ("failed to resolve reference \"{_}\": failed to do request", &[]),
            ("httpReadSeeker: failed open: failed to do request", &[]),
        ],
        tells: &[
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/guiji2025/fish-speech-5090/manifests/sha256:ec9a\": EOF",
            "ERROR: failed to solve: python:3.8-slim: failed to resolve source metadata for docker.io/library/python:3.8-slim: failed to do request: Head \"https://registry-1.docker.io/v2/library/python/manifests/3.8-slim\": dial tcp 31.13.88.169:443: i/o timeout",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pull-cut",
        title: "the pull of an image was interrupted",
        chinese: "镜像拉取中断，没有下载完整",
        means: "the connection broke, or Docker stopped",
        remedy: "pull it again, which goes on from the layers that are there: docker compose pull",
        follows: &["docker-down", "registry-unreachable"],
        rules: &[("^unexpected EOF$", &[]), ("failed to register layer: unexpected EOF", &[])],
        tells: &["unexpected EOF"],
        ..Cause::ROW
    },
    Cause {
        name: "port-in-use",
        title: "the port is taken: {}",
        chinese: "端口被占用",
        means: "another service listens on it, or an earlier run of this one has not ended",
        remedy: "stop it (ss -ltnp names it; on Windows: netstat -ano), or set another port in config/config.ini or by the server's option",
        rules: &[
            ("('{_}', {port}): address already in use", &[]),
            ("('{_}', {port}): [Errno 98]", &[]),
            ("Connection in use: ('{_}', {port})", &[]),
            (":{port}: bind: address already in use", &[]),
            ("bind: address already in use", &[]),
            (":{port}: bind: Only one usage of each socket address", &[]),
            ("Cannot find empty port in range: {port}", &[]),
            ("Port {port} is in use by another program", &[]),
            ("EADDRINUSE: address already in use {_}:{port}", &[]),
            ("Bind for {_}:{port} failed: port is already allocated", &[]),
            // torch tries IPv6 first, and goes on with IPv4.
            ("ddress already in use", &[Lacks(&["[c10d] The server socket has failed to bind"])]),
            ("port is already allocated", &[]),
        ],
        tells: &[
            "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8383): address already in use",
            "[ERROR] Connection in use: ('0.0.0.0', 8000)",
            "listen tcp4 0.0.0.0:8383: bind: address already in use",
            "Ports are not available: listen tcp 0.0.0.0:8383: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.",
            "Bind for 0.0.0.0:8383 failed: port is already allocated.",
            "OSError: [Errno 98] Address already in use",
            "OSError: [WinError 10048] 通常每个套接字地址(协议/网络地址/端口)只允许使用一次。",
        ],
        silent: &[
            "INFO  port 8383: address already in use, using 8384 instead",
            "[W socket.cpp:426] [c10d] The server socket has failed to bind to [::]:29500 (errno: 98 - Address already in use).",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "docker-network",
        title: "there is no Docker network '{}'",
        chinese: "没有这个 Docker 网络",
        means: "the compose file takes it for one that exists already (external: true), or the container was made in one that was removed since",
        remedy: "docker network create {}, then: docker compose up -d --force-recreate",
        // Docker, Compose: networks
        rules: &[
            ("network {word} declared as external, but could not be found", &[]),
            ("Error response from daemon: network {word} not found", &[]),
        ],
        tells: &[
            "network ai_network declared as external, but could not be found",
            "Error response from daemon: network ai_network not found",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "yaml",
        title: "a YAML file, such as the compose file, is not valid",
        chinese: "YAML 文件（如 compose 文件）格式有误",
        means: "an indentation, a tab, a colon without a blank or a quote is wrong in the line that it names, or in the one above",
        remedy: "correct that line (blanks, no tabs); docker compose config -q says whether it is well",
        // go-yaml
        rules: &[
            ("yaml: line {n}: ", &[]),
            ("yaml: unmarshal errors", &[]),
            ("yaml.scanner.ScannerError", &[Raised]),
        ],
        tells: &["yaml: line 14: found character that cannot start any token"],
        ..Cause::ROW
    },
    Cause {
        name: "foreign-address",
        title: "the address to listen on does not belong to this machine or container",
        chinese: "监听地址不属于本机或容器",
        means: "a container has its own addresses, not the host's",
        remedy: "listen on 0.0.0.0, and publish the port: docker run -p 8383:8383 …",
        // bind(2)
        rules: &[
            ("error while attempting to bind on address ('{_}', {n}): cannot assign requested address", &[]),
            ("bind: cannot assign requested address", &[]),
        ],
        tells: &[
            "ERROR:    [Errno 99] error while attempting to bind on address ('192.168.1.5', 8000): cannot assign requested address",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "old-compose",
        title: "this docker-compose is too old to give a GPU to a service",
        chinese: "docker-compose 版本过旧，不支持 GPU",
        means: "devices are supported since version 1.28; today's Docker has Compose as a plugin instead",
        remedy: "use the plugin: docker compose up -d (Debian and Ubuntu: the package docker-compose-plugin or docker-compose-v2)",
        // Docker Compose: GPU support
        rules: &[("Additional properties are not allowed ('devices' was unexpected)", &[])],
        tells: &[
            "services.tts.deploy.resources.reservations value Additional properties are not allowed ('devices' was unexpected)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "mount-source",
        title: "Docker can't mount a directory of the host: {}",
        chinese: "宿主机目录无法挂载",
        means: "it is not there, or is on a drive that Docker Desktop does not see: one that was added, locked or renamed after Docker started",
        remedy: "make the directory, or correct volumes: in the compose file; if it is there, in Windows: wsl --shutdown, start Docker Desktop again, then docker compose up -d",
        rules: &[
            ("error while creating mount source path '{path}': ", &[]),
            ("bind source path does not exist: {path}", &[]),
        ],
        tells: &[
            "Error response from daemon: error while creating mount source path '/run/desktop/mnt/host/d/duix_avatar_data/face2face': mkdir /run/desktop/mnt/host/d: file exists",
            "Error response from daemon: invalid mount config for type \"bind\": bind source path does not exist: /d/heygem_data/voice/data",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "mount-kind",
        title: "a directory is mounted over a file, or a file over a directory",
        chinese: "目录被挂载到文件上，或文件被挂载到目录上",
        means: "Docker makes a directory where the host has nothing: the file was not there when the container was first started",
        remedy: "on the host: docker compose down, remove the empty directory of the file's name, put the file there, then: docker compose up -d",
        // Docker: bind mounts
        rules: &[
            ("Are you trying to mount a directory onto a file (or vice-versa)?", &[]),
            ("caused \"not a directory\"", &[Says(&["mount"])]),
        ],
        tells: &[
            "error mounting \"/srv/config.ini\" to rootfs at \"/code/config/config.ini\": not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-compose",
        title: "this Docker has no Compose plugin",
        chinese: "Docker 没有安装 Compose 插件",
        means: "docker compose is a plugin of its own, which a distribution's package docker.io does not bring",
        remedy: "install it: apt-get install -y docker-compose-v2 (Ubuntu) or docker-compose-plugin (Docker's own repository)",
        // Docker Compose: installing
        rules: &[
            ("docker: 'compose' is not a docker command", &[]),
            ("docker: unknown command: docker compose", &[]),
        ],
        tells: &["docker: 'compose' is not a docker command."],
        ..Cause::ROW
    },
    Cause {
        name: "container-conflict",
        weight: Weight::Hampers,
        title: "a container of that name already exists: {}",
        chinese: "已有同名容器",
        means: "an earlier container was stopped and not removed, or still runs",
        remedy: "docker rm -f NAME, or use another name",
        // Docker: docker run --name
        rules: &[("The container name \"{path}\" is already in use", &[])],
        tells: &[
            "Error response from daemon: Conflict. The container name \"/heygem\" is already in use by container \"0a1b\".",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "unhealthy",
        weight: Weight::Follows,
        title: "the container {} does not pass its health check",
        chinese: "容器健康检查未通过",
        means: "the service in it has ended, or loads its models for longer than the check waits; what depends on it is not started",
        remedy: "docker logs {} says what the service does; if it only takes long, a larger start_period: under healthcheck: in the compose file",
        // Docker Compose: healthcheck, depends_on
        rules: &[
            ("container {word} is unhealthy", &[]),
            ("ontainer \"{word}\" is unhealthy", &[]),
            ("^{word} is unhealthy$", &[Holds(&["heygem", "duix"])]),
        ],
        tells: &[
            "dependency failed to start: container heygem-tts is unhealthy",
            "ERROR: for app  Container \"0a1b2c\" is unhealthy.",
            "ERROR: heygem-f2f is unhealthy",
        ],
        ..Cause::ROW
    },
];
