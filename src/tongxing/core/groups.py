"""Groups of people of whom a rule may speak, and how a person identified themselves.

Both are inputs of rule tables. A group is what a person declares and a guard can see or read on a paper; none
of them is held in a register here. Spec: issue "rules", *Rule tables*; domain sheet, *The national floor and ceiling*.
"""

from collections.abc import Mapping
from enum import StrEnum

from tongxing.core.words import Sentence


class Group(StrEnum):
    """People for whom a rule may ask for less, or for something else."""

    CHILD = "child"
    ELDERLY_WITHOUT_PHONE = "elderly_without_phone"
    DISABLED = "disabled"
    PATIENT_IN_NEED = "patient_in_need"
    FREIGHT = "freight"
    RESCUER = "rescuer"


GROUP_WORDS: Mapping[Group, Sentence] = {
    Group.CHILD: Sentence("儿童", "a child"),
    Group.ELDERLY_WITHOUT_PHONE: Sentence("不使用手机的老年人", "an elderly person without a phone"),
    Group.DISABLED: Sentence("残疾人", "a person with a disability"),
    Group.PATIENT_IN_NEED: Sentence("急需就医的患者", "a patient in need of care"),
    Group.FREIGHT: Sentence("货运司乘人员", "a driver or crew of goods"),
    Group.RESCUER: Sentence("抢险救援人员", "a rescuer on duty"),
}


class Credential(StrEnum):
    """How the person identified: by a code on a phone, a document number, or a printed code."""

    CODE = "code"
    DOCUMENT = "document"
    PAPER = "paper"


CREDENTIAL_WORDS: Mapping[Credential, Sentence] = {
    Credential.CODE: Sentence("出示手机健康码", "a code on a phone"),
    Credential.DOCUMENT: Sentence("登记身份证件", "an identity document"),
    Credential.PAPER: Sentence("出示纸质码", "a printed code"),
}
