//! Many launches at once, and an SDK that is replaced meanwhile.
