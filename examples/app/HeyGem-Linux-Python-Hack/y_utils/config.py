"""Reads config/config.ini from the working directory, as HeyGem does."""

import configparser
import os

from h_utils.custom import CustomError

CONFIG = "config/config.ini"


def read_config():
    config = configparser.ConfigParser()
    if not config.read(CONFIG, encoding="utf-8"):
        raise CustomError(f"there is no {CONFIG} in {os.getcwd()}")
    return config
