"""Words that mean nearly the same in a conversation with customer service, in English and Chinese.

Not a dictionary and not about any one business: what people everywhere call the same hundred acts, things and
complaints, written from general knowledge of both languages. A line is one concept; a word may be in several; an
underscore joins the words of a phrase. What the operator's own phrasings say still weighs more than this table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from bot.matching.text import is_unspaced, stem

_TABLE = """
how_can how_do how_to how_would how_should way steps step procedure process guide instruction \
| 怎么 如何 怎样 咋 咋样 怎么样 步骤 方法 教程 流程
why reason cause explain | 为什么 为啥 为何 怎么回事 咋回事 原因 什么情况
when how_long how_soon how_fast what_time duration | 什么时候 啥时候 何时 多久 多长时间 几时 几天 几点 多少天
where find locate located locating location look_for search | 哪里 哪儿 在哪 哪个地方 位置 找
how_much how_many amount total sum | 多少 几个 数量 总额 总共
who | 谁
is_it_possible possible can_i am_i_able may_i could_i able allow allowed permit permitted \
| 可以 能不能 可不可以 能否 是否可以 允许
cant cannot unable not_able couldnt wont impossible doesnt_let not_letting | 不能 不了 无法 没法 没办法 不可以 用不了
want would_like wish need like_to looking_to | 想 想要 需要 要
tell know info information details learn | 告诉 知道 了解 信息 详情 介绍 说明
show see view check look display shown | 查看 查询 查 看看 显示 查一下 看
help assist assistance support | 帮 帮忙 帮我 帮助 协助
agent human person representative operator staff live_chat real_person | 人工 客服 真人 工作人员 专员
contact reach call speak talk chat | 联系 打电话 咨询 找人 致电
complain complaint feedback unhappy dissatisfied report | 投诉 举报 反馈 不满
thanks thank thx grateful appreciate | 谢谢 感谢 多谢
hello hi hey greetings good_morning | 你好 您好 在吗 哈喽
bye goodbye see_you | 再见 拜拜
buy purchase bought buying order ordered ordering | 买 购买 下单 订购 购入
sell sold selling | 卖 出售 卖出 售出
pay payment paid paying | 付款 支付 付 缴费 付钱
money fund funds cash | 钱 资金 款 现金 款项
balance remaining left | 余额 剩余 还剩
deposit top_up topup topping add_money add_funds recharge reload load refill | 充值 充币 入金 存钱 存款 转入 存入 充
withdraw withdrawal withdrew withdrawn cash_out cashout payout take_out get_out \
| 提现 提币 取款 取钱 转出 取出 出金 提款 提出
transfer send sent wire remit remittance transferring sending | 转账 汇款 转 发送 划转 转给
receive received get got arrive arrived credited land show_up come_through gone_through reach_me \
| 收到 到账 到帐 入账 到
not_arrived not_received havent_received hasnt_arrived missing not_showing didnt_receive never_got where_is not_come \
| 没到 未到 没有到 没收到 未收到 不到账 没到账 未到账 收不到
pending processing stuck waiting wait delay delayed hanging late slow not_yet \
| 处理中 等待 延迟 卡住 卡在 还没 迟迟 一直 等 慢
fail failed failing failure unsuccessful error went_wrong didnt_work doesnt_work not_working broken problem \
issue trouble \
| 失败 不成功 报错 出错 错误 异常 问题 故障 坏了
decline declined reject rejected refuse refused denied deny not_accepted turned_down \
| 拒绝 被拒 驳回 不通过 未通过 没通过
wrong incorrect mistake mistaken inaccurate by_accident accidentally | 错 搞错 弄错 填错 输错 误
cancel cancelled canceled cancellation revoke abort undo reverse withdraw_my | 取消 撤销 撤回 撤单 不要了
refund refunded reimburse reimbursement money_back get_back recover return returned | 退款 退钱 退回 退还 找回 返还
fee charge charged cost price commission rate expensive pricing | 手续费 费用 费率 收费 服务费 价格 多少钱 贵
free no_fee without_charge | 免费 不收费 免手续费
discount coupon voucher promo promotion bonus reward offer | 优惠 折扣 优惠券 活动 奖励 红包 券
limit maximum minimum max min cap at_least at_most up_to | 限额 额度 上限 下限 最高 最低 最多 最少 限制
increase raise higher upgrade | 提高 提升 增加 升级 提额
reduce decrease lower downgrade | 降低 减少 下调
lost lose losing misplace misplaced cant_find | 丢 丢失 丢了 遗失 不见了 找不到
steal stolen theft stole robbed | 偷 被偷 盗 被盗 盗刷
hack hacked compromised hijacked unauthorized unauthorised unknown_device someone_else not_me \
| 黑客 被黑 入侵 盗号 异地登录 不是我
fraud scam scammer scammed phishing fake suspicious cheated | 诈骗 骗子 被骗 钓鱼 假的 可疑 骗
safe safety secure security protect protection | 安全 保护 保障
block blocked freeze frozen lock locked suspend suspended restricted banned ban on_hold hold held \
| 冻结 锁定 封 封号 封禁 限制 被锁
unblock unlock unfreeze reactivate restore lift | 解冻 解锁 解封 恢复 解除
enable activate activation turn_on switch_on start_using | 开通 启用 激活 打开 开启
disable deactivate turn_off switch_off stop | 关闭 关掉 停用 停止
close delete remove erase terminate get_rid | 注销 删除 删掉 销户 清除 移除
change changed update modify edit alter switch replace replacement different new | 修改 更改 更换 换 变更 改 更新 换绑
open create register registration sign_up signup enroll set_up setup join | 注册 开户 创建 新建 申请
login log_in logged_in logging_in sign_in signin log_into logon access | 登录 登陆 登入 进不去 登不上 登不了
logout log_out logged_out sign_out | 退出 登出 下线
forget forgot forgotten dont_remember cant_remember | 忘 忘记 忘了 不记得
reset recover_my | 重置 重设 找回
verify verification verified identity identification identify kyc authenticate prove proof passport document \
documents \
| 认证 验证 实名 身份 核实 审核 证件 护照 身份证 资料
confirm confirmation approve approved accept accepted | 确认 同意 批准 通过 接受
code otp passcode token sms | 验证码 短信 口令 动态码
password pwd pin | 密码
phone mobile cell cellphone telephone smartphone number | 手机 电话 手机号 号码
email mail inbox | 邮箱 邮件
address | 地址
app application website site page web | 应用 软件 网站 网页 页面 客户端
crash crashed crashing freezes not_loading wont_load wont_open doesnt_load blank | 闪退 崩溃 打不开 加载不出 卡顿 白屏
notification alert remind reminder notify | 通知 提醒 推送
setting settings configure preferences set option | 设置 设定 配置 选项
history record records statement log past | 记录 历史 明细 流水 账单
bill invoice receipt | 账单 发票 收据
account profile | 账户 账号 帐号 帐户
name surname | 名字 姓名
card debit credit | 卡 银行卡 信用卡
bank banking | 银行
twice double duplicate two_times again repeated | 两次 重复 两遍 再次 又
country abroad overseas foreign international region nationality | 国家 国外 海外 境外 地区 国际
currency currencies exchange convert conversion | 货币 币种 兑换 汇率 换汇
loan borrow borrowed lend credit_line | 借款 借钱 贷款 借
repay repayment pay_back pay_off owe debt overdue | 还款 还钱 欠款 逾期 还 欠
interest yield earn profit apr | 利息 利率 收益 赚
tax taxes | 税 税务 报税
instalment installment monthly | 分期 月供 每月
ship shipping shipped deliver delivery delivered track tracking package parcel courier \
| 发货 快递 物流 配送 送货 包裹 寄
work job employment hire hiring career | 工作 招聘 上班 职位
start begin beginning started | 开始 启动
finish end ended complete completed done | 结束 完成 成功
expire expired expiry expiration valid validity | 过期 到期 有效期 失效
fast quick quickly speed rapid instant immediately hurry urgent asap | 快 马上 立刻 尽快 加急 急
"""


class _Lexicon(NamedTuple):
    """Stemmed English phrases and Chinese words with the numbers of their concepts, and the longest of each."""

    spaced: dict[str, tuple[int, ...]]
    unspaced: dict[str, tuple[int, ...]]
    most_words: int
    most_characters: int


def concepts(words: Sequence[str]) -> set[int]:
    """Numbers of the concepts that the tokens of a text name."""
    lexicon = _lexicon()
    found: set[int] = set()
    stems: list[str] = []
    for word in words:
        if is_unspaced(word):
            found.update(_in_run(word, lexicon))
            stems.append("")
        else:
            stems.append(stem(word))
    for start in range(len(stems)):
        phrase = ""
        for following in stems[start : start + lexicon.most_words]:
            phrase = f"{phrase}_{following}" if phrase else following
            found.update(lexicon.spaced.get(phrase, ()))
    return found


def single_words() -> list[str]:
    """The English words of the table, stemmed, without the phrases: a typo may be one of them."""
    return [phrase for phrase in _lexicon().spaced if "_" not in phrase]


def _in_run(run: str, lexicon: _Lexicon) -> set[int]:
    """Concepts in a run of Chinese: from left to right, the longest word first."""
    found: set[int] = set()
    at = 0
    while at < len(run):
        step = 1
        for length in range(min(lexicon.most_characters, len(run) - at), 0, -1):
            numbers = lexicon.unspaced.get(run[at : at + length])
            if numbers:
                found.update(numbers)
                step = length
                break
        at += step
    return found


@cache
def _lexicon() -> _Lexicon:
    spaced: dict[str, tuple[int, ...]] = {}
    unspaced: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(_TABLE.strip().splitlines()):
        english, _, chinese = line.partition("|")
        for phrase in english.split():
            phrase = "_".join(stem(word) for word in phrase.split("_"))
            spaced[phrase] = (*spaced.get(phrase, ()), number)
        for word in chinese.split():
            unspaced[word] = (*unspaced.get(word, ()), number)
    most_words = max(phrase.count("_") for phrase in spaced) + 1
    return _Lexicon(spaced, unspaced, most_words, max(map(len, unspaced)))
