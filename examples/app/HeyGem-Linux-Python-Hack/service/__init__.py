"""The package that apps import: `from service.trans_dh_service import …`."""
