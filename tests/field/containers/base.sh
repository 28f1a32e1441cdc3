# Makes a root file system in $1, in the place of the official image that has the Python $2: that Python in /usr/local, a shell,
# and what they need of this machine.
set -eu
cd "$1"
python=$2
mkdir -p usr/bin usr/lib usr/lib64 usr/local/bin usr/local/lib etc tmp proc dev sys run root
for name in bin lib lib64; do ln -s "usr/$name" "$name"; done
chmod 1777 tmp
echo 'root:x:0:0::/root:/bin/sh' > etc/passwd

stdlib=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
version=${stdlib##*/}
cp "$python" "usr/local/bin/$version"
for name in python python3; do ln -s "$version" "usr/local/bin/$name"; done
tar -C "${stdlib%/*}" --exclude=__pycache__ --exclude='site-packages/*' --exclude=test --exclude=tests --exclude='config-*' \
    --exclude=EXTERNALLY-MANAGED -c "$version" | tar -x -C usr/local/lib
# What Debian's ensurepip installs from.
if [ -d /usr/share/python-wheels ]; then mkdir -p usr/share; cp -r /usr/share/python-wheels usr/share/; fi
# As in the official image, where pip is a program, too. The variable means something to Debian's Python only.
mkdir -p usr/local/share
for wheel in "$stdlib"/ensurepip/_bundled/pip-*.whl /usr/share/python-wheels/pip-*.whl; do
    if [ -e "$wheel" ]; then cp "$wheel" usr/local/share/pip.whl; fi
done
printf '#!/bin/sh\nDEB_PYTHON_INSTALL_LAYOUT=deb exec python /usr/local/share/pip.whl/pip "$@"\n' > usr/local/bin/pip
chmod 755 usr/local/bin/pip
# Debian's pip reads it at its start, also where it asks no registry.
certificates=/etc/ssl/certs/ca-certificates.crt
if [ -e "$certificates" ]; then mkdir -p etc/ssl/certs; cp -L "$certificates" etc/ssl/certs/; fi
for program in sh env install touch; do cp "$(command -v "$program")" usr/bin/; done

# What the loader looks for elsewhere, libpython as a rule, goes to where it looks in any case.
ldd "$PWD"/usr/bin/* "$python" "$PWD/usr/local/lib/$version/lib-dynload"/*.so |
    grep -o '/[^ :)]*' | sort -u | while read -r library; do
    case $library in
        "$PWD"/*) ;; # the name of what was asked about
        /lib*/* | /usr/lib*/*) mkdir -p ".${library%/*}"; cp -n "$library" ".$library" ;;
        */lib*.so*) cp -n "$library" usr/lib/ ;;
    esac
done
# What compiled wheels take for granted.
for name in gcc_s.so.1 stdc++.so.6 dl.so.2 pthread.so.0 rt.so.1 util.so.1; do
    cp -nL "$(cc -print-file-name="lib$name")" usr/lib/
done
