"""The kinds of models the platform keeps: one file each, one line here."""

from ml.families.ad_targeting import AD_TARGETING
from ml.families.user_segmentation import USER_SEGMENTATION
from ml.family import Family

FAMILIES: dict[str, Family] = {
    AD_TARGETING.name: AD_TARGETING,
    USER_SEGMENTATION.name: USER_SEGMENTATION,
}
