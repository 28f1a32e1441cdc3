//! The forms that print or prepare a launch.

mod dry_run;
mod prepare;
mod print_env;
mod shells;
