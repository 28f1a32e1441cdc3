# Starts a child by one start method and has it do what the SDK's children do: unpickle something of the SDK by its bare
# name, then import the SDK. Must run under any Python from 3.6 on.
import json
import multiprocessing
import os
import signal
import sys

# Run in the child. `exec` is pickled by name, so the child needs nothing of this file.
CHILD = """
import sys, traceback
step = 'unpickling by the bare name'
try:
    import pickle
    try:
        pickle.loads(b'ctrans_dh_service\\nTransDhTask\\n.')
    except AttributeError:
        pass  # the module is there, and has no such class
    bare = sys.modules['trans_dh_service']
    step = 'importing service.trans_dh_service'
    import service.trans_dh_service as module
    if bare is not module:
        raise ImportError('trans_dh_service is another module than service.trans_dh_service: %r, %r' % (bare, module))
    step = 'pickling a function'
    for function in list(vars(module).values()):
        if callable(function) and getattr(function, '__module__', None) == 'trans_dh_service':
            if pickle.loads(pickle.dumps(function)) is not function:
                raise ImportError('%r is another function after pickling' % function)
            break
    answer = {'file': getattr(module, '__file__', '')}
except BaseException:
    answer = {'step': step, 'error': traceback.format_exc()}
sender.send(answer)
"""


def main(method, seconds):
    # Should the doctor die, nobody else would end what hangs.
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(0, signal.SIGKILL))
    signal.alarm(seconds)
    context = multiprocessing.get_context(method)
    receiver, sender = context.Pipe(False)
    process = context.Process(target=exec, args=(CHILD, {"sender": sender}))
    process.start()
    sender.close()
    try:
        answer = receiver.recv()
    except EOFError:
        answer = {}
    process.join()
    answer["code"] = process.exitcode
    # A path may be no text, and whatever can be printed must not stop the answer.
    line = "heygem-run:" + json.dumps(answer, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass"))
    sys.stdout.buffer.flush()


main(METHOD, SECONDS)
