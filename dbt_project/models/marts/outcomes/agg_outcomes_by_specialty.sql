with specialties as (
    {{ determinations_by_specialty() | indent(4) }}
)

{{ outcomes_by(['specialty_key', 'specialty'], of='determinations', facts='specialties') }}
