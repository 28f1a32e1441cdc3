//! gunicorn, uWSGI, systemd, supervisord, Celery, Kubernetes: servers and what ends them.

use super::cause::Condition::{AnyLevel, Class, Last, Raised};
use super::cause::{Cause, Weight};

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "gunicorn-timeout",
        title: "gunicorn ends workers that do not answer within its timeout",
        chinese: "工作进程超过 gunicorn 的 --timeout 被终止",
        means: "a worker that loads models, or works on one request, for longer than --timeout (30 seconds by default) is considered dead; \
                memory is not the cause",
        remedy: "raise it: gunicorn --timeout 600 …",
        // gunicorn: settings, timeout
        explains: &["worker-killed"],
        rules: &[("WORKER TIMEOUT (pid:{port})", &[])],
        tells: &["[2025-06-11 10:02:07 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:7)"],
        ..Cause::ROW
    },
    Cause {
        name: "uwsgi-harakiri",
        title: "uWSGI ends workers that work on a request for longer than its harakiri",
        chinese: "请求超过 uWSGI 的 harakiri 时间，工作进程被终止",
        means: "a request took longer than --harakiri allows; memory is not the cause",
        remedy: "raise it: uwsgi --harakiri 600 …",
        // uWSGI: options, harakiri
        rules: &[("HARAKIRI ON WORKER {n}", &[]), ("HARAKIRI triggered by worker", &[])],
        tells: &["Wed Jun 11 10:02:07 2025 - *** HARAKIRI ON WORKER 1 (pid: 12, try: 1) ***"],
        ..Cause::ROW
    },
    Cause {
        name: "uwsgi-queue",
        title: "uWSGI's queue of connections is full",
        chinese: "uWSGI 的连接队列已满",
        means: "more requests come than its workers can do, or the workers hang",
        remedy: "more workers (uwsgi --processes), and a longer queue: sysctl -w net.core.somaxconn=1024 and uwsgi --listen 1024",
        // uWSGI: things to know, the listen queue
        rules: &[("uWSGI listen queue of socket", &[AnyLevel])],
        tells: &["*** uWSGI listen queue of socket \"127.0.0.1:8000\" (fd: 3) full !!! (101/100) ***"],
        ..Cause::ROW
    },
    Cause {
        name: "uwsgi-no-python",
        title: "this uWSGI has no Python in it, or the plugin for another one",
        chinese: "uWSGI 没有 Python 插件",
        means: "a distribution's uWSGI has a plugin for each language, and none for Python was loaded",
        remedy: "apt-get install -y uwsgi-plugin-python3 and uwsgi --plugin python3 …; or pip's, which has it: python -m pip install uwsgi",
        // uWSGI: Python quickstart
        rules: &[
            ("unavailable modifier requested: 0", &[AnyLevel]),
            ("unrecognized option '--wsgi-file'", &[]),
        ],
        tells: &["-- unavailable modifier requested: 0 --"],
        ..Cause::ROW
    },
    Cause {
        name: "stop-timeout",
        title: "the service did not stop within systemd's TimeoutStopSec",
        chinese: "服务没有在 TimeoutStopSec 内停止，被 systemd 杀掉",
        means: "systemd asked it to stop, waited, and killed it; memory is not the cause",
        remedy: "let it exit on SIGTERM (a shell that starts it should exec it), or give it longer: TimeoutStopSec=300 in the unit, then systemctl daemon-reload",
        // systemd.service(5)
        rules: &[
            ("tate 'stop-sigterm' timed out", &[AnyLevel]),
            ("tate 'final-sigterm' timed out", &[AnyLevel]),
            ("topping timed out. Killing", &[AnyLevel]),
            ("topping timed out. Terminating", &[AnyLevel]),
            (" stop-sigterm timed out. ", &[AnyLevel]),
            (" stop-final-sigterm timed out. ", &[AnyLevel]),
        ],
        tells: &[
            "systemd[1]: heygem.service: State 'stop-sigterm' timed out. Killing.",
            "systemd[1]: heygem.service: Stopping timed out. Terminating.",
            "systemd[1]: heygem.service stopping timed out. Terminating.\nsystemd[1]: heygem.service stop-sigterm timed out. Killing.\nsystemd[1]: heygem.service: main process exited, code=killed, status=9/KILL",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "start-timeout",
        title: "the service was not ready within systemd's TimeoutStartSec",
        chinese: "服务没有在 TimeoutStartSec 内启动完成",
        means: "systemd waits for a unit of Type=notify, forking or oneshot to say that it is ready, and ends it when it does not; loading models takes long",
        remedy: "Type=simple in the unit where the program does not tell systemd, or TimeoutStartSec=600; then systemctl daemon-reload",
        // systemd.service(5)
        rules: &[("start operation timed out. Terminating", &[AnyLevel])],
        tells: &["systemd[1]: heygem.service: start operation timed out. Terminating."],
        ..Cause::ROW
    },
    Cause {
        name: "watchdog",
        title: "systemd's watchdog ended the service",
        chinese: "systemd 看门狗终止了服务",
        means: "the unit has WatchdogSec=, and the program did not report within it",
        remedy: "take WatchdogSec= out of the unit, or raise it; then systemctl daemon-reload",
        // systemd.service(5)
        rules: &[("Watchdog timeout (limit {word})", &[AnyLevel])],
        tells: &["systemd[1]: heygem.service: Watchdog timeout (limit 30s)!"],
        ..Cause::ROW
    },
    Cause {
        name: "privileged-port",
        title: "only root may listen on ports below 1024",
        chinese: "非 root 用户不能监听 1024 以下的端口",
        means: "the service runs as another user",
        remedy: "set a port of 1024 or more in config/config.ini or by the server's option",
        // capabilities(7)
        rules: &[
            ("cannot expose privileged port {n}", &[]),
            ("connection to ('{_}', {n}) failed: [Errno 13] Permission denied", &[]),
            (
                "Permission denied",
                &[Raised, Class(&["PermissionError"]), Last(&["self.socket.bind(self.server_address)"])],
            ),
            ("bind: permission denied", &[]),
            ("error while attempting to bind on address ('{_}', {n}): permission denied", &[]),
        ],
        tells: &[
            "Error starting userland proxy: error while calling PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf",
            "[ERROR] connection to ('0.0.0.0', 80) failed: [Errno 13] Permission denied",
            "  File \"/usr/lib/python3.8/socketserver.py\", line 466, in server_bind\n    self.socket.bind(self.server_address)\nPermissionError: [Errno 13] Permission denied",
            "listen tcp 0.0.0.0:80: bind: permission denied",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "supervisor-program",
        title: "supervisord does not find the program: {}",
        chinese: "supervisord 找不到程序",
        means: "command= in its section names a program that is not there, or not on supervisord's own PATH, which is no login shell's",
        remedy: "ls -l {}; correct command= with an absolute path, then: supervisorctl reread && supervisorctl update",
        // supervisor: the spawn of a process
        rules: &[
            ("can't find command '{path}'", &[AnyLevel]),
            ("command at '{path}' is not executable", &[AnyLevel]),
        ],
        tells: &["2025-06-11 10:02:07,118 INFO spawnerr: can't find command '/opt/conda/bin/pythn'"],
        ..Cause::ROW
    },
    Cause {
        name: "unit-program",
        title: "systemd can't start the unit's program: {}",
        chinese: "systemd 无法启动单元中的程序",
        means: "ExecStart= needs the absolute path of a file that is there and may be executed",
        remedy: "ls -l {}; correct ExecStart= in the unit, then systemctl daemon-reload",
        // systemd.exec(5), status 203
        rules: &[
            ("Failed at step EXEC spawning {path}: No such file or directory", &[AnyLevel]),
            ("Failed at step EXEC spawning {path}: Permission denied", &[AnyLevel]),
            ("Failed to locate executable {path}: No such file or directory", &[AnyLevel]),
            ("Unable to locate executable '{path}': No such file or directory", &[AnyLevel]),
        ],
        tells: &[
            "heygem.service: Failed at step EXEC spawning /usr/local/bin/heygem-run: No such file or directory",
            "heygem.service: Failed to locate executable /opt/x/run.sh: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "unit-directory",
        title: "the unit's WorkingDirectory= does not exist",
        chinese: "单元的 WorkingDirectory= 不存在",
        means: "systemd changes to it before it starts the program",
        remedy: "correct WorkingDirectory= in the unit, then systemctl daemon-reload",
        // systemd.exec(5), status 200
        rules: &[
            ("Changing to the requested working directory failed", &[AnyLevel]),
            ("status=200/CHDIR", &[AnyLevel]),
            ("Failed at step CHDIR spawning", &[AnyLevel]),
        ],
        tells: &[
            "heygem.service: Changing to the requested working directory failed: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "unit-user",
        title: "the unit's User= or Group= does not exist",
        chinese: "单元的 User= 或 Group= 不存在",
        means: "systemd starts the program as that user",
        remedy: "correct User= and Group= in the unit, then systemctl daemon-reload",
        // systemd.exec(5), status 217
        rules: &[
            ("Failed to determine user credentials: No such process", &[AnyLevel]),
            ("status=217/USER", &[AnyLevel]),
        ],
        tells: &["heygem.service: Failed to determine user credentials: No such process"],
        ..Cause::ROW
    },
    Cause {
        name: "no-gpu-node",
        title: "no node of the cluster has a free GPU",
        chinese: "集群里没有空闲的 GPU 节点",
        means: "all GPUs are given to other pods, or NVIDIA's device plugin does not run on the nodes that have one",
        remedy: "kubectl describe node NODE shows nvidia.com/gpu under Capacity and Allocated; install the device plugin (or the GPU operator) where it is missing, or end another pod",
        // Kubernetes: schedule GPUs
        rules: &[("nsufficient nvidia.com/gpu", &[AnyLevel])],
        tells: &[
            "Warning  FailedScheduling  12s  default-scheduler  0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "liveness",
        title: "Kubernetes restarts the container because its liveness probe fails",
        chinese: "存活探针失败，容器被 Kubernetes 重启",
        means: "the service loads models for longer than the probe waits, or no longer answers; memory is not the cause",
        remedy: "give the container a startupProbe with a failureThreshold for some minutes, or a larger initialDelaySeconds",
        // Kubernetes: probes
        rules: &[
            ("failed liveness probe, will be restarted", &[AnyLevel]),
            ("Liveness probe failed: ", &[AnyLevel]),
        ],
        tells: &["Container heygem failed liveness probe, will be restarted"],
        ..Cause::ROW
    },
    Cause {
        name: "supervisor-stop",
        title: "the program did not stop within supervisord's stopwaitsecs",
        chinese: "程序没有在 stopwaitsecs 内停止，被 supervisord 杀掉",
        means: "supervisord asked it to stop, waited, and killed it; memory is not the cause",
        remedy: "let it exit on SIGTERM, or stopwaitsecs=300 in its section; then supervisorctl update",
        // supervisord: stopwaitsecs
        rules: &[("killing '{word}' ({n}) with SIGKILL", &[AnyLevel])],
        tells: &["2025-06-11 10:02:07,118 WARN killing 'heygem' (77) with SIGKILL"],
        ..Cause::ROW
    },
    Cause {
        name: "celery-pool",
        weight: Weight::Follows,
        title: "a Celery worker's process ended while it worked",
        chinese: "Celery 工作进程中途退出",
        means: "its signal gives the reason: 9 is most likely lack of memory, 11 is a crash of native code",
        remedy: "look at the causes found before this line; dmesg lists what the kernel killed",
        // billiard: WorkerLostError
        rules: &[("Worker exited prematurely: exitcode {n}", &[])],
        tells: &["billiard.exceptions.WorkerLostError: Worker exited prematurely: exitcode 1 Job: 0."],
        ..Cause::ROW
    },
];
