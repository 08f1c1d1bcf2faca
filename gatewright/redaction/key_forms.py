"""The forms of keys and tokens that can be recognized by themselves: their fixed beginnings.

Source: the services' own documentation, and the rules of gitleaks (github.com/gitleaks/gitleaks, config/gitleaks.toml).
Many lengths are shorter here: a cut key is still not for a committed file.
"""

from __future__ import annotations

MODEL_SERVICES = (
    r"sk-[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic, OpenRouter, DeepSeek, LiteLLM and others
    r"sk_[0-9a-f]{32,}",
    r"gsk_[A-Za-z0-9]{16,}",
    r"nvapi-[A-Za-z0-9_-]{16,}",
    r"csk-[A-Za-z0-9]{16,}",
    r"xai-[A-Za-z0-9]{16,}",
    r"fw_[A-Za-z0-9]{20,}",
    r"pplx-[A-Za-z0-9]{20,}",
    r"(?:hf|r8|jina)_[A-Za-z0-9]{20,}",
    r"api_org_[A-Za-z]{30,}",
    r"tgp_v1_[A-Za-z0-9_-]{20,}",
    r"tvly-[A-Za-z0-9_-]{20,}",
    r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}",
    r"wandb_v1_[A-Za-z0-9_]{20,}",
)
CLOUDS = (
    r"(?:cfut|cfat|cfk)_[A-Za-z0-9]{20,}",
    r"v1\.0-[0-9a-f]{20,}",
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    r"ABSK[A-Za-z0-9+/]{40,}={0,2}",
    r"LTAI[A-Za-z0-9]{17,}",
    r"AIza[A-Za-z0-9_-]{30,}",
    r"ya29\.[A-Za-z0-9_-]{16,}",
    r"1//0[A-Za-z0-9_-]{30,}",
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    r"do[opr]_v1_[0-9a-f]{32,}",
    r"dapi[0-9a-f]{32}(?:-[0-9])?",
    r"HRKU-[A-Za-z0-9_-]{30,}",
    r"fo1_[A-Za-z0-9_]{30,}|fm[12][ar]?_[A-Za-z0-9+/=]{50,}",
    r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,}",
    r"sb(?:p|_secret)_[A-Za-z0-9_-]{20,}",
    r"tskey-[a-z]+-[A-Za-z0-9-]{16,}",
    r"nfp_[A-Za-z0-9]{30,}",
)
DEVELOPMENT = (
    r"gh[oprsu]_[A-Za-z0-9]{30,}",
    r"github_pat_\w{20,}",
    r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|rtr|soat)-[A-Za-z0-9_.-]{16,}",
    r"GR1348941[A-Za-z0-9_-]{20}",
    r"ATATT3[A-Za-z0-9_=-]{30,}|ATBB[A-Za-z0-9]{24,}",
    r"pul-[0-9a-f]{32,}",
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}",
    r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}",
    r"rubygems_[0-9a-f]{40,}",
    r"CLOJARS_[A-Za-z0-9]{50,}",
    r"AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{50,}",
    r"hv[brs]\.[A-Za-z0-9_-]{20,}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,}",
    r"dp\.(?:audit|ct|pt|scim|sa|st)\.[A-Za-z0-9._-]{30,}",
    r"ops_eyJ[A-Za-z0-9+/]{30,}={0,3}|A3-[A-Z0-9]{6}-[A-Z0-9-]{25,}",
    r"AGE-SECRET-KEY-1[0-9A-Z]{50,}",
    r"PMAK-[0-9a-f]{20,}-[0-9a-f]{30,}",
    r"sgp_[0-9a-f_]{40,}|snyk_[a-z]+_[A-Za-z0-9_-]{20,}",
)
BUSINESS = (
    r"xox[abeoprs](?:\.xox[abp])?-[A-Za-z0-9-]{10,}",
    r"xapp-[0-9]-[A-Za-z0-9-]{16,}",
    r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/_-]{40,}",
    r"(?:sk|rk)_(?:live|prod|test)_[A-Za-z0-9]{16,}",
    r"whsec_[A-Za-z0-9+/=]{20,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}",
    r"sq0[a-z]{3}-[A-Za-z0-9_-]{20,}",
    r"(?:SK|key-)[0-9a-f]{32}",
    r"[0-9a-f]{32}-us[0-9]{1,2}",
    r"[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}",
    r"lin_api_[A-Za-z0-9]{30,}",
    r"(?:ntn|secret)_[A-Za-z0-9]{40,}",
)
OBSERVERS = (
    r"NRAK-[A-Z0-9]{20,}|NRI[IQ]-[A-Za-z0-9_-]{30,}|NRJS-[0-9a-f]{19,}",
    r"gl(?:c|sa)_[A-Za-z0-9+/=_-]{30,}",
    r"sntry[su]_[A-Za-z0-9+/=_]{30,}",
    r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{20,}",
    r"hc[a-z]{1,2}(?:ik|lk|mk)_[a-z0-9]{30,}",
)
TOKENS = (
    r"ey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*",  # JSON Web Token
    r"sha256~[A-Za-z0-9_-]{40,}",  # OpenShift
)

KEY_FORMS = (*MODEL_SERVICES, *CLOUDS, *DEVELOPMENT, *BUSINESS, *OBSERVERS, *TOKENS)
"""Regular expressions; each begins at the start of a word."""
