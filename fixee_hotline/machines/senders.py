"""Which customer an address belongs to: mail domains and telephone numbers in any spelling."""

from __future__ import annotations

import re

_NOT_PHONE = re.compile(r"[^\d\s+().\-/\u00a0\u2010-\u2015]")
_EXTENSION = re.compile(
	r"(?:ext|extension|poste|durchwahl|int|interno|anexo|toestel|wew|x)\b\.?\s*\d{1,6}\s*$", re.I
)
_SCHEME = re.compile(r"^\s*(?:tel|whatsapp|sip|mailto):", re.IGNORECASE)
# WhatsApp keeps a digit after these country codes that people leave out, or the other way round.
_MOBILE_DIGIT = {"521": "52", "549": "54"}
# ITU-T E.164: one or two digits where the first two say so, else three.
_COUNTRY_CODE = re.compile(
	r"[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
	r"|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])\d"
)
_SHORTEST_PHONE, _LONGEST_PHONE = 6, 15
_SHARED_DIGITS = 8


def mail_domains(address: str) -> list[str]:
	"""The domain of a mail address and its parents, nearest first: a@x.y.example: x.y.example, y.example."""
	_, at, domain = address.rpartition("@")
	labels = domain.strip(" <>\"'.").lower().split(".")
	if not at or len(labels) < 2 or not all(labels):
		return []
	return [".".join(labels[index:]) for index in range(len(labels) - 1)]


def phone_digits(text: str) -> str | None:
	"""The digits of a telephone number, country code first where one is written; None if it is no number.

	"+33 (0)1 99 00", "0033 1 99 00" and "33199 00" are alike; a national number keeps its leading zero.
	"""
	bare = _EXTENSION.sub("", _SCHEME.sub("", text)).strip()
	if not bare or _NOT_PHONE.search(bare):
		return None
	international = bare.startswith(("+", "00", "(+"))
	digits = re.sub(r"\D", "", bare.replace("(0)", "") if international else bare)
	if international and digits.startswith("00"):
		digits = digits[2:]
	if not _SHORTEST_PHONE <= len(digits) <= _LONGEST_PHONE:
		return None
	shorter = _MOBILE_DIGIT.get(digits[:3])
	return shorter + digits[3:] if shorter and len(digits) == 13 else digits


def same_phone(one: str, other: str) -> bool:
	"""Whether two results of `phone_digits` are one number: equal, or one the national form of the other."""
	if one == other:
		return True
	national, full = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
	if len(national) < _SHARED_DIGITS or not full.endswith(national):
		return False
	prefix = full.removesuffix(national)
	# Italy keeps the zero behind its country code.
	return not prefix or any(_COUNTRY_CODE.fullmatch(code) for code in (prefix, prefix.removesuffix("0")))


def phone_key(digits: str) -> str:
	"""The last digits, the same for every spelling of a number; narrows the search before `same_phone`."""
	return digits[-_SHARED_DIGITS:]
