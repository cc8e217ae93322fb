{#
    dbt-spark's own incremental materialization can append, overwrite partitions or, in Delta and Iceberg tables only,
    merge. None of them replaces the rows of a letter, so this one stands in for it, on Parquet tables: an incremental
    model is partitioned by the load that its rows came with, and of its partitions only those are written again
    that hold a row to be replaced. The strategies are this project's, and mean what they mean in DuckDB.

    There is no transaction around it. Rows are taken out before the new ones go in, all in one statement; a build
    that is broken off between the two is still behind the newest load, and the next one does both again.
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
            {{ create_table_as(False, target_relation, gathered_by_load(sql)) }}
        {%- endcall -%}
        {%- do persist_constraints(target_relation, model) -%}
    {%- else -%}
        {%- set arrived = companion(this, 'arrived') -%}
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
            {{ gathered_by_load('select ' ~ names ~ ' from ' ~ arrived) }}
        {%- endcall -%}
        {%- do adapter.drop_relation(arrived) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{# Take the rows out of a table that the model's strategy replaces by those that arrived. #}
{% macro remove_replaced_rows(target_relation, arrived, names) -%}
    {%- set by_letter = config.get('incremental_strategy') == 'replace_letters' -%}
    {%- set key = 'letter_id' if by_letter else config.get('unique_key') -%}
    {%- set load = column_of_load(model.columns) -%}
    {%- set replaced = companion(target_relation, 'replaced') -%}
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

{# Write the partitions again that a replaced row stands in; one that keeps no row is dropped, for it would stay as it was. #}
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
        'insert overwrite table ' ~ target_relation ~ ' partition (' ~ load ~ ') ' ~ gathered_by_load(still_there)
    ) -%}
{%- endmacro %}

{# A table without partitions is written again whole, and takes the old one's name. #}
{% macro rewrite_whole(target_relation, kept) -%}
    {%- set rewritten = companion(target_relation, 'rewritten') -%}
    {%- do adapter.drop_relation(rewritten) -%}
    {%- do run_query('create table ' ~ rewritten ~ ' using parquet as ' ~ kept) -%}
    {%- do adapter.drop_relation(target_relation) -%}
    {%- do adapter.rename_relation(rewritten, target_relation) -%}
{%- endmacro %}

{# A table that stands beside another while that one is built. #}
{% macro companion(relation, purpose) -%}
    {{ return(relation.incorporate(
        path={'identifier': relation.identifier ~ '__' ~ purpose}, type='table'
    )) }}
{%- endmacro %}

{# A query with the rows of a load brought together, so that a partition is a few files and not one of each task. #}
{% macro gathered_by_load(query) -%}
    {%- set load = column_of_load(model.columns) -%}
    select {{ '/*+ rebalance(' ~ load ~ ') */' if load }} * from ({{ query }}) as built
{%- endmacro %}

{# dbt-spark's clause of the partitions: an incremental model's are loads, unless it says otherwise. #}
{% macro spark__partition_cols(label, required=false) -%}
    {%- set load = column_of_load(model.columns) if model.config.materialized == 'incremental' else none -%}
    {%- set columns = config.get('partition_by') or load -%}
    {%- if columns -%}
        {{ label }} ({{ columns if columns is string else columns | join(', ') }})
    {%- endif -%}
{%- endmacro %}
