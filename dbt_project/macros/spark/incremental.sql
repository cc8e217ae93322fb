{#
    Replaces dbt-spark's incremental materialization, which can append, overwrite partitions or, in Delta and Iceberg
    tables only, merge, but not replace the rows of a letter. Works on Parquet tables. An incremental model is partitioned
    by load, and only the partitions that hold a row to replace are rewritten. The strategies are those of this project
    and mean the same as in DuckDB.

    There is no transaction. Rows are deleted before the new ones are inserted, each in one statement. A build that is
    interrupted in between is still behind the newest load, and the next build does both again.
#}
{% materialization incremental, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}

    {{ run_hooks(pre_hooks) }}

    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- if existing is not none -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(False, target_relation, rebalanced_by_load(sql)) }}
        {%- endcall -%}
        {%- do persist_constraints(target_relation, model) -%}
    {%- else -%}
        {%- set arrived = scratch_relation(this, 'arrived') -%}
        {%- do adapter.drop_relation(arrived) -%}
        {%- call statement('arrived') -%}
            create table {{ arrived }} using parquet as {{ sql }}
        {%- endcall -%}
        {%- do process_schema_changes(config.get('on_schema_change'), arrived, existing) -%}
        {%- do persist_constraints(arrived, model) -%}
        {%- set names = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') -%}
        {%- do remove_replaced_rows(target_relation, arrived, names) -%}
        {%- call statement('main') -%}
            insert into {{ target_relation }}
            {{ rebalanced_by_load('select ' ~ names ~ ' from ' ~ arrived) }}
        {%- endcall -%}
        {%- do persist_constraints(target_relation, model) -%}
        {%- do adapter.drop_relation(arrived) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{# Delete the rows that the model's strategy replaces with the new ones. #}
{% macro remove_replaced_rows(target_relation, arrived, names) -%}
    {%- set by_letter = config.get('incremental_strategy') == 'replace_letters' -%}
    {%- set key = 'letter_id' if by_letter else config.get('unique_key') -%}
    {%- set load = load_column(model.columns) -%}
    {%- set replaced = scratch_relation(target_relation, 'replaced') -%}
    {%- do adapter.drop_relation(replaced) -%}
    {%- do run_query(
        'create table ' ~ replaced ~ ' using parquet as select distinct ' ~ key ~ (', ' ~ load if load else '')
        ~ ' from ' ~ target_relation ~ ' where ' ~ key
        ~ ' in (' ~ (letters_to_refresh() if by_letter else 'select ' ~ key ~ ' from ' ~ arrived) ~ ')'
    ) -%}
    {%- set kept -%}
        select {{ names }} from {{ target_relation }} as stored
        where not exists (select 1 from {{ replaced }} as replaced where replaced.{{ key }} = stored.{{ key }})
    {%- endset -%}
    {%- if run_query('select 1 from ' ~ replaced ~ ' limit 1').rows | length > 0 -%}
        {%- if load -%}
            {%- do rewrite_loads(target_relation, replaced, kept, load) -%}
        {%- else -%}
            {%- do rewrite_whole(target_relation, kept) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do adapter.drop_relation(replaced) -%}
{%- endmacro %}

{# Rewrite the partitions that hold a replaced row. Drop those left without a row, which an overwrite would not touch. #}
{% macro rewrite_loads(target_relation, replaced, kept, load) -%}
    {%- set touched = 'select distinct ' ~ load ~ ' from ' ~ replaced -%}
    {%- set still_there = kept ~ ' and stored.' ~ load ~ ' in (' ~ touched ~ ')' -%}
    {%- set emptied = run_query(
        'select distinct cast(' ~ load ~ ' as string) as load from ' ~ replaced ~ ' except select distinct cast('
        ~ load ~ ' as string) as load from (' ~ still_there ~ ')'
    ) -%}
    {%- for row in emptied.rows -%}
        {%- do run_query(
            'alter table ' ~ target_relation ~ " drop if exists partition (" ~ load ~ " = '" ~ row[0] ~ "')"
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        'insert overwrite table ' ~ target_relation ~ ' partition (' ~ load ~ ') ' ~ rebalanced_by_load(still_there)
    ) -%}
{%- endmacro %}

{# Rewrite a table without partitions as a whole, then rename it. #}
{% macro rewrite_whole(target_relation, kept) -%}
    {%- set rewritten = scratch_relation(target_relation, 'rewritten') -%}
    {%- do adapter.drop_relation(rewritten) -%}
    {%- do run_query('create table ' ~ rewritten ~ ' using parquet as ' ~ kept) -%}
    {%- do adapter.drop_relation(target_relation) -%}
    {%- do adapter.rename_relation(rewritten, target_relation) -%}
{%- endmacro %}

{# Table beside another one, used while that one is built. #}
{% macro scratch_relation(relation, purpose) -%}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__' ~ purpose}, type='table'
    )) }}
{%- endmacro %}

{# Query with the rows of a load gathered, so that a partition is a few files and not one per task. #}
{% macro rebalanced_by_load(query) -%}
    {%- set load = load_column(model.columns) -%}
    select {{ '/*+ rebalance(' ~ load ~ ') */' if load }} * from ({{ query }}) as built
{%- endmacro %}

{# dbt-spark's partition clause. Incremental models are partitioned by load unless configured otherwise. #}
{% macro spark__partition_cols(label, required=false) -%}
    {%- set load = load_column(model.columns) if model.config.materialized == 'incremental' else none -%}
    {%- set columns = config.get('partition_by') or load -%}
    {%- if columns -%}
        {{ label }} ({{ columns if columns is string else columns | join(', ') }})
    {%- endif -%}
{%- endmacro %}
