{#
    dbt-spark's own snapshots need a table format with merge (Delta, Iceberg, Hudi), whose libraries are not part of Spark.
    On Parquet the whole table of versions is rewritten and renamed. dbt's own macros find the changes, as in DuckDB.
#}
{% materialization snapshot, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}
    {%- set strategy = strategy_dispatch(config.get('strategy'))(
        model, 'snapshotted_data', 'source_data', model['config'], existing is not none
    ) -%}
    {%- if not adapter.check_schema_exists(model.database, model.schema) -%}
        {%- do create_schema(target_relation) -%}
    {%- endif -%}

    {{ run_hooks(pre_hooks) }}

    {%- if existing is none -%}
        {%- call statement('main') -%}
            {{ create_table_as(False, target_relation, build_snapshot_table(strategy, model['compiled_code'])) }}
        {%- endcall -%}
    {%- else -%}
        {%- set changes, rewritten = scratch_relation(this, 'changes'), scratch_relation(this, 'rewritten') -%}
        {%- do adapter.drop_relation(changes) -%}
        {%- do adapter.drop_relation(rewritten) -%}
        {%- do run_query(
            'create table ' ~ changes ~ ' using parquet as '
            ~ snapshot_staging_table(strategy, model['compiled_code'], target_relation)
        ) -%}
        {%- call statement('main') -%}
            create table {{ rewritten }} using parquet as {{ versions_with_changes(target_relation, changes) }}
        {%- endcall -%}
        {%- do adapter.drop_relation(target_relation) -%}
        {%- do adapter.rename_relation(rewritten, target_relation) -%}
        {%- do adapter.drop_relation(changes) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{# Versions of a snapshot after the changes: ended versions get their end, new ones are added. #}
{% macro versions_with_changes(target_relation, changes) -%}
    {%- set names = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    select
        {%- for name in names %}
        {{ 'coalesce(versions.dbt_valid_to, ended.dbt_valid_to) as dbt_valid_to' if name == 'dbt_valid_to' else 'versions.' ~ name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ target_relation }} as versions
    left join {{ changes }} as ended
        on versions.dbt_scd_id = ended.dbt_scd_id and ended.dbt_change_type in ('update', 'delete')
    union all
    select {{ names | join(', ') }}
    from {{ changes }}
    where dbt_change_type = 'insert'
{%- endmacro %}

{# Table beside another one, used while that one is built. #}
{% macro scratch_relation(relation, purpose) -%}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__' ~ purpose}, type='table'
    )) }}
{%- endmacro %}
