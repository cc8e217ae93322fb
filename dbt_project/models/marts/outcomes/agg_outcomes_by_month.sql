{{ outcomes_by(['month_key', 'decision_month'], of='determinations') }}
