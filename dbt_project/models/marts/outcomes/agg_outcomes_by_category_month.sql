{{ outcomes_by(
    ['treatment_category', 'month_key', 'decision_month'],
    of='decisions',
    key=['treatment_category', 'month_key'],
) }}
