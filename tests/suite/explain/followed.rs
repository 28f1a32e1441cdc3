//! Logs in which one cause has others behind it: the first is told, and none of what came of it.

use super::causes;
use crate::support::place::Place;

#[test]
fn what_follows_from_a_cause_is_none() {
    let table: &[(&str, &[&str])] = &[
        (
            "UserWarning: CUDA initialization: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before \
             calling NumCudaDevices()? Error 804: forward compatibility was attempted on non supported HW\nRuntimeError: Attempting to \
             deserialize object on a CUDA device but torch.cuda.is_available() is False.\n",
            &["cuda-unusable"],
        ),
        (
            "OSError: [Errno 28] No space left on device: '/code/data/temp/1.mp4'\n[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] moov atom not \
             found\n/code/data/temp/1.mp4: Invalid data found when processing input\n",
            &["disk-full"],
        ),
        (
            "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by \
             'NewConnectionError('<x>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': \
             /simple/flask/\nERROR: Could not find a version that satisfies the requirement flask (from versions: none)\nERROR: No \
             matching distribution found for flask\n",
            &["index-unreachable"],
        ),
        // Retries that are not the last.
        (
            "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by \
             'ReadTimeoutError(\"HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=15)\")': /simple/flask/\n\
             Successfully installed flask-3.0.0\n",
            &[],
        ),
    ];
    let place = Place::new();
    for (log, expected) in table {
        assert_eq!(causes(&place, log.as_bytes()), *expected, "{log}");
    }
}
