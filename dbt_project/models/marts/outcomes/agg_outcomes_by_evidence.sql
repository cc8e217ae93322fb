select
    {{ joined_key(['decisions.claims_admin_evidence', 'decisions.reviewer_evidence']) }} as outcome_key,
    decisions.claims_admin_evidence,
    decisions.reviewer_evidence,
    {{ decision_outcome_counts('decisions') | indent(4) }},
    count(case when decisions.cites_same_source then 1 end) as same_source_count,
    count(case when decisions.cites_same_chapter then 1 end) as same_chapter_count
from {{ ref('fct_decisions') }} as decisions
group by decisions.claims_admin_evidence, decisions.reviewer_evidence
