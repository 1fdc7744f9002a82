"""What the page about the API says beside the OpenAPI document, which is English, in both languages."""

from collections.abc import Mapping
from typing import Final

from tongxing.core.words import Sentence

REFERENCE_WORDS: Final[Mapping[str, Sentence]] = {
    "reference": Sentence("接口参考", "API reference"),
    "reference_find": Sentence("查找接口", "Find a call"),
    "reference_says": Sentence(
        "本节点现在应答的全部接口，取自其自身的文档，内容为英文。",
        "Every call that this node answers now, read from its own document.",
    ),
    "reference_word": Sentence("路径、名称或说明中的词", "A word of its path, name or summary"),
    "reference_document": Sentence("OpenAPI 文档", "The OpenAPI document"),
    "reference_count": Sentence("接口数：", "Calls: "),
    "reference_roles": Sentence("可调用者：", "Who may call: "),
    "reference_anybody": Sentence("任何人", "anybody"),
    "reference_by": Sentence("身份证明：", "Proven by: "),
    "reference_parameters": Sentence("参数", "Parameters"),
    "reference_body": Sentence("请求内容：", "Body: "),
    "reference_answers": Sentence("应答", "Answers"),
    "reference_status": Sentence("状态码", "Status"),
    "reference_type": Sentence("类型", "Type"),
    "reference_types": Sentence("数据类型", "Types"),
    "reference_name": Sentence("名称", "Name"),
    "reference_meaning": Sentence("说明", "Meaning"),
    "reference_needed": Sentence("必填", "needed"),
    "reference_failed": Sentence("没有取到文档", "The document was not fetched"),
}
