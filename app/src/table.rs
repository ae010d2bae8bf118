//! Rows as a table on standard output.

use db::ActiveUsers;

/// Prints the users, each column as wide as its longest value.
pub(crate) fn print(users: &[ActiveUsers]) {
    let header = ["name", "status", "posts", "last 30 days", "last post", "days ago"].map(str::to_owned);
    let rows = users.iter().map(|user| {
        [
            user.name.clone(),
            user.status.to_string(),
            user.post_count.to_string(),
            user.recent_posts.to_string(),
            user.last_post_at
                .as_finite()
                .map_or_else(|| user.last_post_at.to_string(), |at| at.format("%Y-%m-%d").to_string()),
            user.days_since_last_post.to_string(),
        ]
    });
    let lines: Vec<[String; 6]> = std::iter::once(header).chain(rows).collect();
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for line in &lines {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("{}", cells.join("  ").trim_end());
    }
}
