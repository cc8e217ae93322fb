with texts as (
    select * from {{ ref('int_request_texts') }}
),

drugs as (
    select * from {{ ref('int_text_drugs') }}
),

substances as (
    select * from {{ ref('int_drug_substances') }}
),

forms as (
    select
        texts.text_key,
        max(case when dosage_forms.form = 'topical' then 1 else 0 end) as says_topical,
        max(case when dosage_forms.form = 'compound' then 1 else 0 end) as says_compound,
        max(case when dosage_forms.form = 'oral' then 1 else 0 end) as says_oral
    from texts
    inner join {{ ref('dosage_forms') }} as dosage_forms
        on texts.request_words like {{ dbt.concat(["'% '", 'dosage_forms.phrase', "' %'"]) }}
    group by texts.text_key
),

counted as (
    select
        drugs.text_key,
        count(distinct substances.substance) as substance_count,
        max(case when drugs.is_finished_topical then 1 else 0 end) as names_finished_topical,
        max(case when drugs.drug_class = 'Topical Compounds' then 1 else 0 end) as names_compound,
        max(case when drugs.topical_class is not null then 1 else 0 end) as has_topical_class
    from drugs
    inner join substances
        on drugs.drug_name = substances.drug_name
    group by drugs.text_key
),

main_drugs as (
    select
        *,
        row_number() over (
            partition by text_key
            order by is_minor asc, word_position asc, drug_name asc
        ) as drug_rank
    from drugs
),

described as (
    select
        texts.text_key,
        main_drugs.drug_name as main_drug_name,
        main_drugs.drug_class,
        main_drugs.topical_class,
        counted.substance_count,
        counted.names_finished_topical = 1 as names_finished_topical,
        counted.names_compound = 1 as names_compound,
        counted.has_topical_class = 1 as has_topical_class,
        coalesce(forms.says_compound, 0) = 1 as says_compound,
        coalesce(forms.says_oral, 0) = 0
        and (
            coalesce(forms.says_topical, 0) = 1
            or coalesce(forms.says_compound, 0) = 1
            or {{ text_position('texts.request_words', "'%'") }} > 0
        ) as is_topical
    from texts
    inner join main_drugs
        on texts.text_key = main_drugs.text_key
    inner join counted
        on texts.text_key = counted.text_key
    left join forms
        on texts.text_key = forms.text_key
    where main_drugs.drug_rank = 1
)

select
    text_key,
    main_drug_name,
    case
        when names_compound then 'Topical Compounds'
        when is_topical and has_topical_class and says_compound then 'Topical Compounds'
        when is_topical and names_finished_topical then 'Topical Analgesics'
        when is_topical and has_topical_class and substance_count > 1 then 'Topical Compounds'
        when is_topical then coalesce(topical_class, drug_class)
        else drug_class
    end as drug_class
from described
