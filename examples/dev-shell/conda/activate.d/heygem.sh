# shellcheck shell=sh disable=SC2016
# For conda, in $CONDA_PREFIX/etc/conda/activate.d: the environment's shell can import the SDK, if one is found from the working
# directory or named by HEYGEM_DIR. What the variables were is kept for deactivate.d; not set is not the same as empty.

if heygem_variables=$(heygem-run --print-env); then
    for heygem_name in HEYGEM_DIR PYTHONPATH LD_LIBRARY_PATH; do
        eval "heygem_had_$heygem_name=\${$heygem_name+yes} heygem_kept_$heygem_name=\${$heygem_name-}"
    done
    eval "$heygem_variables"
fi
unset heygem_variables heygem_name
