# shellcheck shell=bash
# For pyenv, as $(pyenv root)/pyenv.d/exec/heygem.bash: what its shims start can import the SDK, if one is found from the working
# directory or named by HEYGEM_DIR. Elsewhere nothing is changed and nothing said.

if heygem_variables=$(heygem-run -q --print-env 2>/dev/null); then
    eval "$heygem_variables"
fi
unset heygem_variables
