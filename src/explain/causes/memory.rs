//! Processes that were killed, and limits that were reached.

use super::cause::Condition::{AnyLevel, AtError, Begins, Class, Frames, Lacks, Raised, Says};
use super::cause::{Cause, Condition};

const KILLED: &str = "the kernel killed a process, most likely because memory ran out";
const KILLED_ZH: &str = "进程被内核杀死，多半是内存不足";
const KILLED_MEANS: &str =
    "the container's limit or the machine's memory was used up (exit code 137 is signal 9)";
const KILLED_DO: &str =
    "raise the limit (docker run --memory …) or use fewer workers; dmesg names what was killed";

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "out-of-memory",
        title: KILLED,
        chinese: KILLED_ZH,
        means: KILLED_MEANS,
        remedy: KILLED_DO,
        rules: &[
            ("^[{n}]{ }{n}{ }killed{ }", &[]),
            ("^[{n}]{ }+ {n}{ }killed{ }", &[]),
            ("^[{n}]{ }- {n}{ }killed{ }", &[]),
            ("^[{n}]{ }+ killed{ }", &[]),
            ("^[{n}]{ }- killed{ }", &[]),
            ("exited with 'signal 9 (SIGKILL)'", &[]),
            ("^Killed {_} due to memory ", &[AnyLevel]),
            ("systemd-oomd killed {n} process", &[AnyLevel]),
            ("^Killed$", &[]),
            ("^{word}: Killed$", &[AtError]),
            ("^Killed process {n}", &[]),
            ("{ }Killed { }", &[JOB]),
            ("zsh: killed{ }{_}", &[]),
            ("terminated by signal SIGKILL", &[]),
            ("Out of memory: Killed process", &[AnyLevel]),
            ("Out of memory: Kill process", &[AnyLevel]),
            ("emory cgroup out of memory: Kill", &[AnyLevel]),
            ("invoked oom-killer", &[AnyLevel]),
            ("killed by the OOM killer", &[AnyLevel]),
            ("Failed with result 'oom-kill'", &[AnyLevel]),
            ("oom-kill:constraint=", &[AnyLevel]),
            ("OOMKilled", &[Lacks(&["alse"]), AnyLevel]),
            ("Signals.SIGKILL: 9", &[]),
            ("terminated with signal SIGKILL", &[]),
            ("exited prematurely: signal 9 (SIGKILL)", &[]),
            ("killed by signal 9 :( trying respawn", &[AnyLevel]),
            ("is killed by signal: Killed", &[]),
            ("ue to the node running low on memory", &[]),
            ("node was low on resource: memory", &[AnyLevel]),
        ],
        tells: &[
            "Killed",
            "ERROR app.main: Killed",
            "run.sh: line 4:    12 Killed                  python app.py",
            "[1]+  Killed                  nohup python app.py",
            "/entrypoint.sh: line 70:    54 Killed                  \"$@\"",
            "[1]    4711 killed     python app.py",
            "zsh: killed     python app.py",
            "已杀死",
            "kernel: Out of memory: Killed process 4711 (python3) total-vm:100kB",
            "kernel: Memory cgroup out of memory: Killed process 4711 (python3)",
            "heygem.service: A process of this unit has been killed by the OOM killer.",
            "subprocess.CalledProcessError: Command '['ffmpeg']' died with <Signals.SIGKILL: 9>.",
            "billiard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 0.",
            "/docker/entrypoint.sh: line 70:    54 Killed                  \"$@\"",
            "run.sh: line 3:  4242 Killed                  \"${cmd[@]}\"",
            "[1]  + 12345 killed     nohup python app.py",
            "[1]  - killed     python app.py",
            "./run.sh: 行 3: 12345 已杀死               python app.py",
            "./run.sh：行 3：12345 已杀死               python app.py",
            "./run.sh: 第 3 行: 12345 已杀死               python app.py",
            "Jun 11 10:02:07 gpu1 systemd-oomd[700]: Killed /user.slice/user-1000.slice/vte.scope due to memory used (32G) / total (32G) and swap used (8G) / total (8G) being more than 90.00%",
            "Process 'PoolWorker-6' pid:9933 exited with 'signal 9 (SIGKILL)'",
        ],
        silent: &[
            "[INFO] Killed 3 stale tasks",
            "INFO app: Killed",
            "State: Killed",
            "[INFO] task 12 was Killed by its user",
            "\"State\": {\"OOMKilled\": false, \"ExitCode\": 0}",
            "+ trap 'echo Killed; exit 137' TERM",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "container-killed",
        title: KILLED,
        chinese: KILLED_ZH,
        means: KILLED_MEANS,
        remedy: KILLED_DO,
        follows: &["out-of-memory", "liveness", "worker-killed"],
        rules: &[
            ("Exited (137) ", &[]),
            ("returned a non-zero code: 137", &[]),
            ("exited with code 137", &[]),
            ("with exit code 137", &[]),
            ("exit code: 137", &[]),
            ("exit code 137", &[]),
            ("exit status 137", &[]),
        ],
        tells: &[
            "svc-1 exited with code 137",
            "dependency failed to start: container x exited with code 137",
            "heygem-f2f   Exited (137) 3 minutes ago",
            "ERROR: Service 'heygem' failed to build: The command '/bin/sh -c pip install -r requirements.txt' returned a non-zero code: 137",
        ],
        silent: &["[7] [INFO] Booting worker with pid: 137"],
        ..Cause::ROW
    },
    Cause {
        name: "worker-killed",
        title: KILLED,
        chinese: KILLED_ZH,
        means: KILLED_MEANS,
        remedy: KILLED_DO,
        // gunicorn: the arbiter
        follows: &["uwsgi-harakiri", "out-of-memory"],
        rules: &[
            ("Worker (pid:{port}) was sent code 137", &[]),
            ("Worker (pid:{port}) was sent SIGKILL! Perhaps out of memory", &[]),
            ("Worker with pid {port} was terminated due to signal 9", &[AnyLevel]),
        ],
        tells: &[
            "[2025-06-11 10:02:07 +0000] [1] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?",
            "[1] [ERROR] Worker (pid:422) was sent code 137!",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "service-killed",
        title: KILLED,
        chinese: KILLED_ZH,
        means: KILLED_MEANS,
        remedy: KILLED_DO,
        // systemd.service(5)
        follows: &[
            "stop-timeout",
            "start-timeout",
            "watchdog",
            "supervisor-stop",
            "out-of-memory",
            "worker-killed",
        ],
        rules: &[
            ("code=exited, status=137", &[AnyLevel]),
            ("status=9/KILL", &[AnyLevel]),
            ("(terminated by SIGKILL; not expected)", &[AnyLevel]),
        ],
        tells: &[
            "heygem.service: Main process exited, code=killed, status=9/KILL",
            "systemd[1]: heygem.service: Main process exited, code=exited, status=137/n/a",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "memory-cgroups",
        title: "the kernel can make no more memory cgroups; the disk and the memory are not full",
        chinese: "内核的 memory cgroup 已用尽，磁盘和内存并没有满",
        means: "old kernels (CentOS 7's 3.10 and others before 4.19) keep some of each container that has ended, until no new one can be made",
        remedy: "restart the host, and update its kernel; on one that can't be updated, the kernel option cgroup.memory=nokmem keeps it from coming back",
        // Linux: memory cgroups, kmem accounting
        rules: &[
            ("mkdir /sys/fs/cgroup/memory/{_}: no space left on device", &[]),
            ("mkdir /sys/fs/cgroup/memory/{_}: cannot allocate memory", &[]),
        ],
        tells: &[
            "docker: Error response from daemon: OCI runtime create failed: applying cgroup configuration for process caused: mkdir /sys/fs/cgroup/memory/docker/4d5c: no space left on device: unknown.",
            "mkdir /sys/fs/cgroup/memory/kubepods/burstable/pod1: cannot allocate memory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-memory",
        title: "there is not enough memory for what the program asks for",
        chinese: "内存不足，分配失败",
        means: "the machine's memory or the container's limit is too small; the GPU's memory is not the problem",
        remedy: "free -h shows what there is; raise the limit, use fewer workers, or work on shorter or smaller input",
        rules: &[
            ("DefaultCPUAllocator: ", &[Says(&["not enough memory", "can't allocate memory"])]),
            ("Unable to allocate {_} for an array with shape", &[]),
            ("Cannot allocate memory", &[Lacks(&["static TLS", "/torch_", "/dev/shm"])]),
            ("^MemoryError$", &[Raised]),
            ("std::bad_alloc", &[]),
        ],
        tells: &[
            "RuntimeError: [enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.",
            "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB for an array with shape (1000, 1080, 1920, 3) and data type uint8",
            "OSError: [Errno 12] Cannot allocate memory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "page-file",
        title: "Windows' page file is too small",
        chinese: "Windows 页面文件太小",
        means: "each process that loads torch's CUDA libraries reserves memory for them",
        remedy: "enlarge it (System, Advanced, Performance, Virtual memory), or start fewer processes",
        rules: &[("The paging file is too small for this operation to complete", &[])],
        tells: &[
            "OSError: [WinError 1455] 页面文件太小，无法完成操作。 Error loading \"D:\\x\\torch\\lib\\cudnn_cnn_infer64_8.dll\"",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "shm-full",
        title: "/dev/shm is too small",
        chinese: "/dev/shm 太小",
        means: "large frames go through shared memory, of which Docker gives 64 MB",
        remedy: "docker run --shm-size 8g … (Compose: shm_size: 8gb; Kubernetes: an emptyDir of medium Memory on /dev/shm)",
        chinese_remedy: "docker run --shm-size 8g …（Compose：shm_size: 8gb；Kubernetes：在 /dev/shm 挂 medium 为 Memory 的 emptyDir）",
        rules: &[
            ("was terminated due to signal 7", &[AnyLevel]),
            ("zsh: bus error", &[]),
            ("was sent code 135", &[]),
            (
                "No space left on device: '{path}'",
                &[Begins(&["/dev/shm", "/psm_", "/torch_", "/pym-", "/sem"])],
            ),
            (
                "No space left on device",
                &[
                    Raised,
                    Frames(&[
                        "SemLock",
                        "shared_memory",
                        "multiprocessing/heap.py",
                        "multiprocessing/synchronize",
                    ]),
                ],
            ),
            ("unable to write to file </torch_", &[]),
            ("could not resize shared memory segment \"{_}\" to {n} bytes: No space left on device", &[]),
            ("unable to allocate shared memory(shm) for file", &[Says(&["o space left on device"])]),
            ("is killed by signal: Bus error", &[]),
            ("nexpected bus error encountered in worker", &[]),
            ("unable to open shared memory object", &[Lacks(&["Too many open files"])]),
            ("Fatal Python error: Bus error", &[]),
            ("^Bus error$", &[]),
            ("^Bus error (core dumped)", &[]),
            ("{ }Bus error { }", &[JOB]),
        ],
        tells: &[
            "OSError: [Errno 28] No space left on device: '/dev/shm/sem.mp-abc'",
            "ERROR:  could not resize shared memory segment \"/PostgreSQL.1804289383\" to 8388608 bytes: No space left on device",
            "RuntimeError: DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.",
            "Bus error (core dumped)",
            "总线错误 (核心已转储)",
            "zsh: bus error  python app.py",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "watches",
        title: "the limit of files that may be watched is reached; the disk is not full",
        chinese: "inotify 监视数达到上限",
        means: "a reloader (uvicorn --reload, gradio, npm) watches every file below a directory",
        remedy: "leave the reloader out, or: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024",
        // inotify(7)
        rules: &[
            ("inotify watch limit reached", &[]),
            ("inotify instance limit reached", &[]),
            ("file watch limit reached", &[]),
            ("limit for number of file watchers reached", &[]),
            ("on the number of inotify instances has been reached", &[]),
            ("oo many open files", &[WATCHES]),
            ("o space left on device", &[WATCHES]),
        ],
        tells: &[
            "OSError: [Errno 28] inotify watch limit reached",
            "failed to create fsnotify watcher: too many open files",
            "Failed to allocate directory watch: Too many open files",
            "Error: ENOSPC: no space left on device, watch '/app/src'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "open-files",
        title: "the limit of open files is reached",
        chinese: "打开的文件数达到上限",
        means: "a process may have only so many files and sockets open (often 1024); torch's workers use one for each tensor that they pass on",
        remedy: "raise it in the shell that starts the service: ulimit -n 65535 (docker run --ulimit nofile=65535:65535, systemd: LimitNOFILE=65535); or in the app: torch.multiprocessing.set_sharing_strategy('file_system')",
        // getrlimit(2), torch.multiprocessing
        rules: &[("oo many open files", &[]), ("received 0 items of ancdata", &[Raised])],
        tells: &[
            "OSError: [Errno 24] Too many open files",
            "OSError: [Errno 24] 打开的文件过多: '/app/a.wav'",
            "RuntimeError: received 0 items of ancdata",
            "accept4: too many open files",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-threads",
        title: "the limit of threads or processes is reached",
        chinese: "线程数或进程数达到上限",
        means: "the limit of processes is reached (ulimit -u, a container's pids limit), or a Docker before 20.10.10 refuses how a newer C library starts threads",
        remedy: "docker run --pids-limit -1 …, fewer workers, OMP_NUM_THREADS=1; an old Docker: update it, or docker run --security-opt seccomp=unconfined …",
        rules: &[
            ("pthread_create failed: Resource temporarily unavailable", &[]),
            ("can't start new thread", &[]),
            ("blas_thread_init: pthread_create failed", &[]),
            (
                "Resource temporarily unavailable",
                &[Class(&["BlockingIOError", "OSError"]), Frames(&["fork", "subprocess", "popen"])],
            ),
            ("fork: Resource temporarily unavailable", &[]),
            ("fork: retry: Resource temporarily unavailable", &[AnyLevel]),
        ],
        tells: &[
            "runtime/cgo: pthread_create failed: Resource temporarily unavailable",
            "RuntimeError: can't start new thread",
            "OpenBLAS blas_thread_init: pthread_create failed for thread 1 of 64: Resource temporarily unavailable",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "quota",
        title: "the disk quota is used up",
        chinese: "磁盘配额用尽",
        means: "this user or directory has reached its quota; the disk itself may have room",
        remedy: "quota -s shows it; remove old files below result, temp and log",
        // quota(1)
        rules: &[(": Disk quota exceeded", &[]), ("[Errno 122] Disk quota exceeded", &[])],
        tells: &["OSError: [Errno 122] Disk quota exceeded"],
        ..Cause::ROW
    },
    Cause {
        name: "disk-full",
        title: "a disk is full",
        chinese: "磁盘已满",
        means: "results, logs, temporary files or Docker's images have filled it",
        remedy: "df -h says which; remove old files below result, temp and log; docker system df shows what Docker holds",
        rules: &[("o space left on device", &[NO_DISK])],
        tells: &[
            "OSError: [Errno 28] No space left on device",
            "OSError: [Errno 28] 设备上没有空间",
            "failed to register layer: write /x: no space left on device",
        ],
        silent: &[
            "FATAL:  could not create shared memory segment: No space left on device",
            "FATAL:  could not create semaphores: No space left on device",
            "write /sys/fs/cgroup/cpuset/docker/4d5c/cpuset.cpus: no space left on device: unknown",
        ],
        ..Cause::ROW
    },
];

/// Who asks the kernel to watch files: its limits are meant, and no disk's.
const WATCHES: Condition =
    Says(&["inotify", "fsnotify", "directory watch", "device, watch '", "FileSystemWatcher"]);
/// Limits of the kernel's that say the same as a full disk.
const NO_DISK: Condition = Lacks(&["shared memory segment", "create semaphores", "/sys/fs/cgroup/"]);

/// How a shell tells of a job: where it was started, or its number.
pub const JOB: Condition = Says(&[": line ", ": 行 ", ": 第 ", "]+ ", "]-  ", "] "]);
