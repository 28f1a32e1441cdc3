//! The figures as a picture, for the README.

use std::fmt::Write as _;

use crate::Figures;

const BAR: f64 = 18.0;
const ROW: f64 = 26.0;
const LEFT: f64 = 210.0;
const WIDTH: f64 = 420.0;

/// A bar for each way: the median of its added time, as a multiple of the C program's. Bars longer than four times end in an arrow.
pub fn svg(figures: &[Figures]) -> String {
    const MOST: f64 = 4.0;
    let height = ROW * figures.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"8\" y=\"18\" fill=\"#444\">Time that a launch adds, as a multiple of a C program's</text>\n"
    );
    for (index, row) in figures.iter().enumerate() {
        let y = 28.0 + ROW * index as f64;
        let is_long = row.ratio[0] > MOST;
        let length = WIDTH * row.ratio[0].min(MOST) / MOST;
        let colour = if row.name.starts_with("heygem-run") { "#2a7f62" } else { "#9aa5b1" };
        let label =
            format!("{:.2}{} ({:.0} µs)", row.ratio[0], if is_long { " →" } else { "" }, row.added[0]);
        let name = row.name.replace('&', "&amp;").replace('<', "&lt;");
        let text = y + BAR - 5.0;
        // Writing to a `String` can't fail.
        let _ = writeln!(svg, "<text x=\"8\" y=\"{text}\" fill=\"#222\">{name}</text>");
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>"
        );
        let at = if is_long { LEFT + length - 130.0 } else { LEFT + length + 6.0 };
        let ink = if is_long { "#fff" } else { "#222" };
        let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{text}\" fill=\"{ink}\">{label}</text>");
    }
    svg.push_str("</svg>\n");
    svg
}
