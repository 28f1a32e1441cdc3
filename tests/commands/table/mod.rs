//! The commands, by kind.

mod gunicorn;
mod layouts;
mod others;
mod scripts;
mod uvicorn;
mod wrappers;

use crate::row::Row;

/// All of them.
pub fn rows() -> Vec<Row> {
    [gunicorn::ROWS, layouts::ROWS, others::ROWS, scripts::ROWS, uvicorn::ROWS, wrappers::ROWS].concat()
}
