from flask import Flask


def set_up(app: Flask) -> None: ...
