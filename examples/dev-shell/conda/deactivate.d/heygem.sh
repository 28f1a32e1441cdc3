# shellcheck shell=sh
# For conda, in $CONDA_PREFIX/etc/conda/deactivate.d: gives back what activate.d/heygem.sh kept, if it kept anything.

for heygem_name in HEYGEM_DIR PYTHONPATH LD_LIBRARY_PATH; do
    heygem_had=
    eval "heygem_had=\${heygem_had_$heygem_name-nothing}"
    case $heygem_had in
        yes) eval "export $heygem_name=\"\$heygem_kept_$heygem_name\"" ;;
        '') unset "$heygem_name" ;;
    esac
    unset "heygem_had_$heygem_name" "heygem_kept_$heygem_name"
done
unset heygem_had heygem_name
