fn changing() -> Vec<&'static str> {
    vec!["menu/menus", "queue/queues", "菜单", "排队"]
}
