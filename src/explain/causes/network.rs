//! Services that are not reached, and what is between.

use super::cause::Condition::{Begins, Class, Is, Lacks, NoFrames, Raised, Says};
use super::cause::{Cause, Condition, Weight};

const HUB: Condition = Says(&["huggingface.co", "hf-mirror", "hf.co"]);
const REFUSED: Condition = Says(&["Connection refused", "Errno 111", "WinError 10061", "ECONNREFUSED"]);

/// A service of one's own, and no site.
const INSIDE: Condition =
    Begins(&["127.", "localhost", "0.0.0.0", "192.168.", "172.", "10.", "host.docker", "heygem", "duix"]);

/// Neither what tells the host in a further exception, nor what fetches models.
const NO_CLIENT: Condition =
    NoFrames(&["urllib3", "http/client", "http\\client", "httpcore", "huggingface_hub", "modelscope"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "hub-unreachable",
        title: "the Hugging Face hub is not reached, and a model has to be fetched from it",
        chinese: "连不上 Hugging Face，模型无法下载",
        means: "the network, a proxy or the country's firewall blocks it",
        remedy: "a mirror: export HF_ENDPOINT=https://hf-mirror.com before the start; or fetch the model elsewhere, and give its directory",
        rules: &[
            ("We couldn't connect to 'https://huggingface.co'", &[]),
            ("Max retries exceeded with url", &[HUB, Lacks(&["ProxyError(", "CERTIFICATE_VERIFY_FAILED"])]),
            ("LocalEntryNotFoundError", &[]),
            ("cannot find the appropriate snapshot folder for the specified revision", &[]),
        ],
        tells: &[
            "OSError: We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files",
            "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /x (Caused by NewConnectionError('[Errno 101] Network is unreachable'))",
            "Traceback (most recent call last):\n  File \"/x/urllib3/util/connection.py\", line 85, in create_connection\n    sock.connect(sa)\nConnectionRefusedError: [Errno 111] Connection refused\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/x/huggingface_hub/file_download.py\", line 3, in f\n    r = get(url)\nrequests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /x (Caused by NewConnectionError('[Errno 111] Connection refused'))",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "proxy-refuses",
        title: "the proxy that is set answers, and does not let the connection through: {}",
        chinese: "代理有应答，但拒绝转发连接",
        means: "403: it does not allow this address; 407: it wants a user's name and password; 502, 503 or 504: it can't reach the address itself",
        remedy: "407: export https_proxy=http://USER:PASSWORD@HOST:PORT; else have the address allowed, use another proxy, or start without one: \
                 env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY heygem-run …",
        // CPython: http.client, HTTPConnection.set_tunnel
        rules: &[
            ("Tunnel connection failed: {port}", &[]),
            ("CONNECT tunnel failed, response {port}", &[]),
            ("Received HTTP code {port} from proxy after CONNECT", &[]),
            ("ProxyError: {port} ", &[Is(&["403", "407", "502", "503", "504"])]),
            ("{port} Proxy Authentication Required", &[]),
            ("Proxy Authentication Required", &[]),
        ],
        tells: &[
            "requests.exceptions.ProxyError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: / (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden')))",
            "urllib.error.URLError: <urlopen error Tunnel connection failed: 407 Proxy Authentication Required>",
            "curl: (56) CONNECT tunnel failed, response 407",
            "httpx.ProxyError: 403 Forbidden",
        ],
        silent: &[
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 503'))': /simple/x/",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "socks",
        title: "a SOCKS proxy is set, and the package that Python needs for it is missing",
        chinese: "设置了 SOCKS 代理，但缺少相应的 Python 包",
        means: "a proxy variable, most often all_proxy, begins with socks; requests and urllib3 need PySocks for it, httpx needs socksio",
        remedy: "unset all_proxy ALL_PROXY http_proxy HTTP_PROXY https_proxy HTTPS_PROXY; where the proxy is needed: python -m pip install pysocks socksio, and then set them again",
        // requests, httpx: SOCKS
        rules: &[
            ("Missing dependencies for SOCKS support", &[]),
            ("SOCKS support in urllib3 requires the installation of", &[]),
            ("Using SOCKS proxy, but the 'socksio' package is not installed", &[]),
        ],
        tells: &[
            "requests.exceptions.InvalidSchema: Missing dependencies for SOCKS support.",
            "ImportError: Using SOCKS proxy, but the 'socksio' package is not installed. Make sure to install httpx using `pip install httpx[socks]`.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "proxy-scheme",
        title: "a proxy variable begins with socks://, which Python's programs do not know",
        chinese: "代理变量以 socks:// 开头，Python 程序不认识",
        means: "all_proxy or another variable is written as desktops write it; Python's programs know socks5:// and socks5h://",
        remedy: "unset all_proxy ALL_PROXY, or write it with socks5:// (for which Python needs: python -m pip install pysocks socksio, while no proxy is set)",
        // httpx, urllib3: proxies
        rules: &[
            ("Unknown scheme for proxy URL", &[Says(&["socks:"])]),
            ("Proxy URL had unsupported scheme socks,", &[]),
        ],
        tells: &[
            "ValueError: Unknown scheme for proxy URL URL('socks://127.0.0.1:7890/')",
            "urllib3.exceptions.ProxySchemeUnknown: Proxy URL had unsupported scheme socks, should use http:// or https://",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "proxy",
        title: "the proxy that is set does not answer",
        chinese: "设置的代理没有响应",
        means: "http_proxy, https_proxy or all_proxy is set, and nothing answers there; in a container, 127.0.0.1 is the container itself",
        remedy: "start without it: env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY heygem-run …",
        rules: &[
            ("ProxyError('Cannot connect to proxy", &[]),
            ("ProxyError('Unable to connect to proxy", &[]),
            ("proxyconnect tcp: ", &[]),
        ],
        tells: &[
            "requests.exceptions.ProxyError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: / (Caused by ProxyError('Cannot connect to proxy.', ConnectionRefusedError(111, 'Connection refused')))",
        ],
        silent: &[
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'ProxyError('Cannot connect to proxy.')': /simple/x/",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "localhost-proxy",
        title: "a proxy variable catches what is meant for localhost",
        chinese: "代理变量把 localhost 的请求也转走了",
        means: "gradio sends a request to its own server to check it, and the request goes to the proxy",
        remedy: "export no_proxy=localhost,127.0.0.1 before the start (Windows: set no_proxy=localhost,127.0.0.1)",
        follows: &["pydantic-gradio"],
        rules: &[("When localhost is not accessible, a shareable link must be created", &[])],
        tells: &[
            "ValueError: When localhost is not accessible, a shareable link must be created. Please set share=True",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "host-unreachable",
        title: "nothing answers at that address: {}",
        chinese: "该地址没有任何响应",
        means: "the machine is off or has another address, a firewall drops what is sent, or the network is not the same",
        remedy: "correct the address (ip addr on that machine shows it), and let the port through its firewall; curl -v the address says whether it is reached",
        // connect(2)
        rules: &[
            ("connect ETIMEDOUT {host}", &[]),
            ("connect EHOSTUNREACH {host}", &[]),
            ("connect ENETUNREACH {host}", &[]),
            (
                "HTTPConnectionPool(host='{host}', port={n}): Max retries exceeded",
                &[Says(&["[Errno 113] No route to host"])],
            ),
            (
                "ConnectTimeoutError(<urllib3.connection.HTTPConnection object at {_}>, 'Connection to {host} timed out",
                &[],
            ),
        ],
        tells: &[
            "Error: connect ETIMEDOUT 192.168.1.5:8383",
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='10.0.0.5', port=8383): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: Failed to establish a new connection: [Errno 113] No route to host'))",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "service-down",
        title: "another service does not answer: {}",
        chinese: "另一个服务没有响应",
        means: "nothing listens there: it does not run, is not ready yet, or restarts again and again; in a container, localhost is the container itself",
        remedy: "docker ps -a shows whether it runs and since when, docker logs NAME why not: start or fix that one",
        blames_service: true,
        rules: &[
            ("Can't connect to MySQL server on '{host}'", &[REFUSED]),
            ("connection to server at \"{host}\"", &[REFUSED]),
            ("ipv4:{host}: Failed to connect to remote host: Connection refused", &[]),
            ("failed to connect to all addresses", &[Raised]),
            ("All connection attempts failed", &[Class(&["httpx.ConnectError"]), NO_CLIENT]),
            ("curl: (7) Failed to connect to {host} port {n}", &[INSIDE]),
            ("Connection refused", &[Class(&["httpx.ConnectError", "ConnectionRefusedError"]), NO_CLIENT]),
            ("HTTPConnectionPool(host='{host}', port={n}): Max retries exceeded", &[REFUSED]),
            ("HTTPSConnectionPool(host='{host}', port={n}): Max retries exceeded", &[REFUSED]),
            ("<urlopen error [Errno 111] Connection refused", &[NO_CLIENT]),
            ("<urlopen error [WinError 10061] ", &[NO_CLIENT]),
            ("connect ECONNREFUSED {host}", &[]),
            ("Cannot connect to host {host} ssl:", &[Says(&["Connect call failed", "refused"])]),
            ("connecting to {host}. Connection refused", &[]),
            ("connect() failed (111: Connection refused) while connecting to upstream", &[]),
        ],
        tells: &[
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-tts', port=8080): Max retries exceeded with url: /v1/invoke (Caused by NewConnectionError('<x>: Failed to establish a new connection: [Errno 111] Connection refused'))",
            "Error: connect ECONNREFUSED 127.0.0.1:8383",
            "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
            "httpx.ConnectError: [WinError 10061] No connection could be made because the target machine actively refused it",
            "ConnectionRefusedError: [WinError 10061] 由于目标计算机积极拒绝，无法连接。",
            "ConnectionRefusedError: [Errno 111] Connection refused",
            "httpx.ConnectError: All connection attempts failed",
            "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>",
            "urllib.error.URLError: <urlopen error [WinError 10061] 由于目标计算机积极拒绝，无法连接。>",
            "grpc._channel._InactiveRpcError: failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:50051: Failed to connect to remote host: Connection refused",
            "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'mysql' ([Errno 111] Connection refused)\")",
            "curl: (7) Failed to connect to 127.0.0.1 port 18180 after 0 ms: Connection refused",
            "psycopg2.OperationalError: connection to server at \"db\" (172.18.0.2), port 5432 failed: Connection refused",
        ],
        silent: &[
            "Traceback (most recent call last):\n  File \"/x/urllib3/util/connection.py\", line 85, in create_connection\n    sock.connect(sa)\nConnectionRefusedError: [Errno 111] Connection refused",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "unknown-host",
        title: "a host's name is not known here: {}",
        chinese: "主机名无法解析",
        means: "a service's name of a compose file is known only to containers on the same network; other names need a DNS server that answers",
        remedy: "have both containers in one compose file or network (docker network connect NETWORK CONTAINER), or use an address that is reached from here",
        blames_service: true,
        rules: &[
            (
                "HTTPConnectionPool(host='{host}', port={n}): Max retries exceeded",
                &[Says(&[
                    "Name or service not known",
                    "Temporary failure in name resolution",
                    "getaddrinfo failed",
                    "No address associated",
                ])],
            ),
            (
                "HTTPSConnectionPool(host='{host}', port={n}): Max retries exceeded",
                &[Says(&[
                    "Name or service not known",
                    "Temporary failure in name resolution",
                    "getaddrinfo failed",
                    "No address associated",
                ])],
            ),
            ("getaddrinfo ENOTFOUND {host}", &[]),
            ("host not found in upstream \"{_}\"", &[]),
        ],
        tells: &[
            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-tts', port=8080): Max retries exceeded with url: / (Caused by NameResolutionError(\"Failed to resolve 'heygem-tts' ([Errno -2] Name or service not known)\"))",
            "Error: getaddrinfo ENOTFOUND heygem-tts",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "bad-gateway",
        weight: Weight::Hampers,
        title: "a proxy is in the way, or the service behind it is down",
        chinese: "中间有代理，或后端服务没有运行",
        means: "502, 503 and 504 are not the service's own answers: a system proxy takes the requests, or a gateway finds no service",
        remedy: "curl --noproxy '*' -v the address: if that answers, the proxy is in the way (no_proxy=localhost,127.0.0.1, or switch the system's off); if not, docker ps -a shows whether the service runs",
        follows: &[
            "service-down",
            "out-of-memory",
            "container-killed",
            "port-reserved",
            "port-in-use",
            "docker-down",
        ],
        rules: &[
            ("Server error '502 Bad Gateway' for url", &[]),
            ("Server error '503 Service Unavailable' for url", &[Lacks(&["huggingface"])]),
            ("Server error '504 Gateway", &[]),
            ("Request failed with status code 502", &[]),
            ("Request failed with status code 503", &[]),
            ("Request failed with status code 504", &[]),
            ("502 Server Error: Bad Gateway for url", &[]),
            ("503 Server Error: Service Unavailable for url", &[Lacks(&["huggingface"])]),
            ("504 Server Error: Gateway", &[]),
        ],
        tells: &[
            "AxiosError: Request failed with status code 502",
            "Server error '502 Bad Gateway' for url 'http://127.0.0.1:8383/easy/submit'",
        ],
        silent: &["AxiosError: Request failed with status code 404"],
        ..Cause::ROW
    },
    Cause {
        name: "connection-cut",
        weight: Weight::Follows,
        title: "the service ended the connection before it answered",
        chinese: "服务在应答之前断开了连接",
        means: "it ended or was restarted while it worked on the request, or was still starting: the port was open and nobody answered",
        remedy: "docker ps -a shows since when it runs, docker logs NAME | heygem-run --explain why it ended; while it starts, wait and send the request again",
        rules: &[
            ("socket hang up", &[Lacks(&["npm"])]),
            ("Remote end closed connection without response", &[Lacks(&["Retry(", "pypi", "huggingface"])]),
            ("Server disconnected without sending a response", &[Lacks(&["huggingface"])]),
        ],
        tells: &[
            "Error: Error invoking remote method 'model/addModel': Error: socket hang up",
            "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
            "httpx.RemoteProtocolError: Server disconnected without sending a response.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "client-timeout",
        weight: Weight::Hampers,
        title: "the client gave up waiting: the service is too slow, or stuck",
        chinese: "客户端等待超时：服务太慢或卡住",
        means: "on the CPU, HeyGem takes many times as long; a service whose child died never answers",
        remedy: "look into the service's own log (docker logs NAME | heygem-run --explain): onnxruntime on the CPU, a dead child, a full queue; if it only works long, raise the client's timeout",
        follows: &[
            "cpu-fallback",
            "child-died",
            "queue-full",
            "cuda-library",
            "no-cuda-provider",
            "service-down",
        ],
        rules: &[
            ("timeout of {n}ms exceeded", &[]),
            (
                "Read timed out. (read timeout={_})",
                &[Lacks(&["pypi", "pythonhosted", "huggingface", "Retry("])],
            ),
            ("upstream timed out (110: Connection timed out) while reading response header", &[]),
        ],
        tells: &[
            "AxiosError: timeout of 180000ms exceeded",
            "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='heygem', port=8383): Read timed out. (read timeout=60)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "upload-size",
        title: "nginx rejects an upload of that size",
        chinese: "上传的文件超过 nginx 的大小限制",
        means: "client_max_body_size is 1 MB by default",
        remedy: "client_max_body_size 2g; in the server block of nginx's configuration, then: nginx -s reload",
        // nginx: client_max_body_size
        rules: &[
            ("413 Client Error: Request Entity Too Large", &[]),
            ("client intended to send too large body", &[]),
        ],
        tells: &[
            "requests.exceptions.HTTPError: 413 Client Error: Request Entity Too Large for url: http://x/upload",
            "2025/06/11 10:02:07 [error] 7#7: *1 client intended to send too large body: 52428800 bytes",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "certificate",
        title: "a server's certificate can't be verified",
        chinese: "证书校验失败",
        means: "the system's list of authorities is missing or old, a proxy puts its own certificate in between, or the clock is wrong",
        remedy: "apt-get update && apt-get install -y ca-certificates; python -m pip install -U certifi; date shows the clock",
        rules: &[("CERTIFICATE_VERIFY_FAILED] certificate verify failed", &[])],
        tells: &[
            "requests.exceptions.SSLError: HTTPSConnectionPool(host='cdn-lfs.huggingface.co', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1131)')))",
        ],
        ..Cause::ROW
    },
];
