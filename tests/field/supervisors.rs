//! The recipes for what starts a service and watches it. Each is run by the real supervisor where that runs on any machine, and
//! is checked by the program that will read it where it does not.

mod app;
mod gunicorn;
mod sudo;
mod supervisord;
mod systemd;
mod uwsgi;
