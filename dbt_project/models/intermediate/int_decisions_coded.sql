with treatments as (
    select * from {{ ref('int_decision_treatments') }}
),

quantities as (
    select * from {{ ref('int_quantities') }}
),

laterality as (
    select * from {{ ref('int_text_laterality') }}
),

procedures as (
    select * from {{ ref('int_text_procedures') }}
),

dose_facts as (
    select * from {{ ref('int_text_dose_facts') }}
),

stated_facts as (
    select * from {{ ref('int_stated_dose_facts') }}
)

select
    treatments.decision_key,
    treatments.letter_id,
    treatments.decision_number,
    treatments.load_number,
    treatments.loaded_at,
    treatments.treatment_text_key,
    treatments.coding_rule_id,
    treatments.treatment_category,
    treatments.treatment_subcategory,
    treatments.drug_class,
    quantities.quantity_value,
    quantities.quantity_unit,
    quantities.quantity_rule_id,
    procedures.procedure,
    procedures.procedure_rule_id,
    disputed_dose.drug_count,
    disputed_dose.refills,
    disputed_dose.months_of_supply,
    treatments.date_of_service,
    {{ treatment_key('treatments.treatment_category', 'treatments.treatment_subcategory') }} as treatment_key,
    coalesce(disputed_dose.strength, whole_dose.strength) as strength,
    coalesce(disputed_dose.acquisition, whole_dose.acquisition, stated_facts.acquisition) as acquisition,
    coalesce(disputed_dose.times_per_week, stated_courses.times_per_week) as times_per_week,
    coalesce(disputed_dose.weeks, stated_courses.weeks) as weeks,
    case
        when disputed_dose.text_key is not null then disputed_dose.dose_rule_ids
        else whole_dose.dose_rule_ids
    end as dose_rule_ids,
    case
        when disputed_side.text_key is not null then disputed_side.laterality
        else whole_side.laterality
    end as laterality,
    treatments.treatment_category = 'uncategorised' as is_uncategorised
from treatments
left join quantities
    on
        treatments.disputed_text_key = quantities.text_key
        and treatments.counted_as = quantities.counted_as
left join laterality as disputed_side
    on treatments.disputed_text_key = disputed_side.text_key
left join laterality as whole_side
    on treatments.whole_text_key = whole_side.text_key
left join procedures
    on treatments.treatment_text_key = procedures.text_key
left join dose_facts as disputed_dose
    on treatments.disputed_text_key = disputed_dose.text_key
left join dose_facts as whole_dose
    on treatments.whole_text_key = whole_dose.text_key
left join stated_facts
    on treatments.decision_key = stated_facts.decision_key
left join stated_facts as stated_courses
    on
        treatments.decision_key = stated_courses.decision_key
        and disputed_dose.times_per_week is null
        and disputed_dose.weeks is null
        and coalesce(quantities.quantity_value, stated_courses.times_per_week * stated_courses.weeks)
        = stated_courses.times_per_week * stated_courses.weeks
