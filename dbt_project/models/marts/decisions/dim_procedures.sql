select
    procedure,
    procedure_group,
    procedure_name
from {{ ref('procedures') }}
