"""What only the console says, in English and Chinese; what all desks say comes from the knowledge's phrases."""

from __future__ import annotations

from collections.abc import Iterator

LANGUAGES = ("en", "zh")

_TEXTS: dict[str, tuple[str, str]] = {
    # the frame
    "title": ("Desk", "工作台"),
    "there": ("You are there", "在岗"),
    "away": ("You are away", "已离开"),
    "away_short": ("away", "已离开"),
    "go_away": ("Go away: no tickets from now on", "离开：不再分配工单"),
    "come_back": ("Come back: get tickets again", "回来：继续分配工单"),
    "leave": ("Sign out", "退出登录"),
    "waiting": ("Waiting", "待接手"),
    "mine": ("Mine", "我的工单"),
    "others": ("Others'", "其他同事"),
    "closed": ("Closed lately", "最近关闭"),
    "nobody_waits": ("Nobody is waiting.", "目前没有人在等待。"),
    "more": ("… and {n} more", "……还有 {n} 个"),
    "earlier_lines": ("{n} earlier lines are in the transcript.", "更早的 {n} 条见完整记录。"),
    "pick": ("Choose a ticket on the left.", "请在左侧选择工单。"),
    "no_ticket": ("There is no ticket with this number.", "没有这个编号的工单。"),
    "back_to_list": ("All tickets", "全部工单"),
    "visitor": ("Visitor", "访客"),
    # how long
    "minutes": ("{n} min", "{n} 分钟"),
    "hours": ("{n} h", "{n} 小时"),
    "days": ("{n} d", "{n} 天"),
    "waits": ("waits {time}", "已等 {time}"),
    "answered": ("answered", "已回复"),
    "snoozed_until": ("snoozed until {time}", "搁置到 {time}"),
    "closed_at": ("closed {time}", "{time} 关闭"),
    # the ticket
    "offered": ("for {name} first", "优先分配给 {name}"),
    "has": ("{name} has it", "由 {name} 负责"),
    "you_have": ("yours", "由您负责"),
    "nobody_has": ("waiting", "待接手"),
    "is_closed": ("closed", "已关闭"),
    "brief": ("Brief", "概要"),
    "who": ("Contact", "用户"),
    "where": ("Channel", "渠道"),
    "language": ("Language", "语言"),
    "topic": ("Topic", "主题"),
    "question": ("Question", "问题"),
    "why": ("Why here", "转接原因"),
    "mood": ("Mood", "情绪"),
    "promised": ("Promised by", "承诺时间"),
    "tried": ("The bot tried", "机器人已尝试"),
    "found_nothing": ("found nothing", "没有找到答案"),
    "fields": ("Details", "已收集信息"),
    "not_given": ("not given", "未提供"),
    "earlier": ("Earlier tickets", "历史工单"),
    "rating": ("rated {n} of 5", "评分 {n}/5"),
    "bot": ("Bot", "机器人"),
    "contact": ("Contact", "用户"),
    "note_by": ("Note by {name} – only agents see this", "{name} 的内部备注（用户看不到）"),
    "said_by_desk": ("Only agents see this", "仅内部可见"),
    "edited": ("edited", "已编辑"),
    "deleted": ("This message was deleted.", "该消息已被删除。"),
    # what became of a message
    "waiting_to_send": ("sending", "发送中"),
    "sent": ("sent", "已发送"),
    "delayed": ("delayed, tried again", "延迟，正在重试"),
    "failed": ("not delivered: {error}", "未送达：{error}"),
    # acting
    "reply": (
        "Reply to the contact – Enter sends, Shift+Enter starts a new line",
        "回复用户：按 Enter 发送，按 Shift+Enter 换行",
    ),
    "reply_claims": (
        "Reply to the contact – the ticket becomes yours",
        "回复用户，工单将由您接手",
    ),
    "not_yours": ("{name} has this ticket; leave a note or transfer it", "工单由 {name} 负责，可留备注或转交"),
    "write_note": ("A note for agents; the contact never sees it", "内部备注，用户看不到"),
    "send": ("Send", "发送"),
    "save_note": ("Keep note", "保存备注"),
    "close_title": ("Close ticket #{n}", "关闭工单 #{n}"),
    "close_reason": ("Reason, for agents only (optional)", "原因，仅内部可见（可不填）"),
    "dismiss": ("Dismiss", "关闭提示"),
    "cancel": ("Cancel", "取消"),
    "to_topic": ("Topic: {name}", "主题：{name}"),
    "not_taken": ("Not taken: {error}", "未能执行：{error}"),
    "try_again": ("This did not work; please try again in a moment.", "操作未成功，请稍后重试。"),
    "signed_out": ("You are signed out.", "您已退出登录。"),
    "file_gone": ("This file can't be had any more.", "该文件已无法获取。"),
    "file_later": ("This file can't be had at the moment; try again.", "暂时无法获取该文件，请稍后重试。"),
    # the way in
    "enter_title": ("Sign in to the desk", "登录工作台"),
    "enter_as": ("Sign in as {name}", "以 {name} 的身份登录"),
    "enter": ("Sign in", "登录"),
    "enter_hint": ("This link works once.", "此链接只能使用一次。"),
    "no_entry_title": ("You are not signed in", "您尚未登录"),
    "no_entry": (
        "Agents sign in with a link that works once. Get one on the machine where Frontdesk runs:",
        "客服使用一次性链接登录。请在运行 Frontdesk 的机器上获取：",
    ),
    "used_link": ("This link was used already or has expired.", "此链接已使用过或已过期。"),
    "starting": ("The desk is starting; please try again in a moment.", "工作台正在启动，请稍后重试。"),
    "store_down": ("The store can't be read at the moment; please try again.", "暂时无法读取数据，请稍后重试。"),
    # what happened
    "did_opened": ("Ticket opened: {reason}", "工单已创建：{reason}"),
    "did_claimed": ("{who} claimed the ticket", "{who} 接手了工单"),
    "did_released": ("{who} gave the ticket back", "{who} 放回了工单"),
    "did_offered": ("Offered to {what} first", "优先分配给 {what}"),
    "did_transferred": ("{who} transferred the ticket to {what}", "{who} 将工单转给 {what}"),
    "did_topic": ("{who} moved the ticket to the topic {what}", "{who} 将工单转到主题 {what}"),
    "did_priority": ("{who} set the priority to {priority}", "{who} 将优先级改为：{priority}"),
    "did_snoozed": ("{who} snoozed the ticket until {time}", "{who} 将工单搁置到 {time}"),
    "did_woke": ("The ticket is no longer snoozed", "工单的搁置已结束"),
    "did_closed": ("{who} closed the ticket", "{who} 关闭了工单"),
    "did_closed_because": ("{who} closed the ticket: {what}", "{who} 关闭了工单：{what}"),
    "did_reopened": ("{who} opened the ticket again", "{who} 重新打开了工单"),
    "did_rated": ("Rating: {what}", "评价：{what}"),
    "did_promised": ("The contact was promised an answer by {time}", "已向用户承诺最晚 {time} 回复"),
    "did_broken": ("The promise for {time} was broken", "未能兑现 {time} 的承诺"),
    "did_reminded": ("Reminder to {what}", "已提醒：{what}"),
    "did_hours_began": ("The desk is open again", "服务时间已开始"),
    "did_stale_asked": ("The contact was asked whether this is settled", "已询问用户问题是否解决"),
    "did_undelivered": ("Not delivered – {what}", "未送达：{what}"),
    "did_retried": ("{who} sent a message again", "{who} 重新发送了一条消息"),
    "did_ignored": ("Ignored: {what} by {who}, who is no agent", "已忽略非客服 {who} 的操作：{what}"),
    "did_thread_lost": ("The thread on {what} was deleted and is opened again", "{what} 上的话题被删除，已重新建立"),
    "did_broke": ("The bot failed and left the rest to people", "机器人出错，已转由人工处理"),
}


class Texts:
    """The console's texts in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self._place = LANGUAGES.index(self.lang)

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values in it; the texts of others are values, never formats."""
        return _TEXTS[key][self._place].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in _TEXTS


def language_of(accepts: str, fallback: str) -> str:
    """The language for a browser that `accepts` these (the header Accept-Language), or else the `fallback`."""
    wanted = sorted(_weighed(accepts), key=lambda one: -one[1])
    return next((lang for lang, weight in wanted if lang in LANGUAGES and weight > 0), fallback)


def _weighed(accepts: str) -> Iterator[tuple[str, float]]:
    for part in accepts.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            yield tag.split("-")[0].casefold(), float(weight or 1)
        except ValueError:
            continue
