"""The refusals of ECS, by what is refused; those that several actions share are in ``localcloud.ecs.errors``.

`page` names the help page, https://www.alibabacloud.com/help/en/ecs/api-<page in lower case> (read 2026-11).
UNVERIFIED: that the cloud chooses this code here is stated nowhere.
"""
