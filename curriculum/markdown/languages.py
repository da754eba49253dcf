"""The words that months are written with, by language. A language is one more entry of LANGUAGES, and no code.

Of each list the words in `own` are the dialect's, and those in `also` are read too, with a note to the author. Large
and small letters count alike, and pictures, bold marks and a colon around a word count nothing. A unit is the word
before a number ("Week 1"), or a pattern with {n} where the number stands inside it ("第{n}周"). All languages are read
at once: a word means the same in each of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Words for one thing."""

    own: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Language:
    """How one language speaks of months."""

    name: str
    month: Words
    """Units of a title."""
    week: Words
    """Units of what a month is made of."""
    sections: dict[str, Words]
    """By the section's role: objectives, weeks, resources, criteria, navigation, project, ideas."""
    labels: dict[str, Words]
    """Of the lists and lines in a week: tasks, deliverables, focus; and of a table's column: title."""
    details: dict[str, Words]
    """Of the lines below the title: tier, duration, status."""
    ideas: tuple[str, ...]
    """What the label of a list says when its items are ideas for a project; a word's beginning is enough."""


LANGUAGES = {
    "en": Language(
        name="English",
        month=Words(("Month",), ("Module", "Phase", "Sprint", "Day", "Unit")),
        week=Words(("Week",)),
        sections={
            "objectives": Words(
                ("Objectives", "Learning Objectives"), ("Learning Outcomes", "Goals", "Learning Goals")
            ),
            "weeks": Words(
                ("Weekly Breakdown", "Weekly Plan", "Weeks"), ("Schedule", "Weekly Schedule", "Week by Week")
            ),
            "resources": Words(
                ("Resources",), ("Further Reading", "Reading List", "References", "Materials")
            ),
            "criteria": Words(
                ("Success Criteria",),
                (
                    "Definition of Done",
                    "Exit Criteria",
                    "Checkpoint",
                    "Completion Criteria",
                    "Acceptance Criteria",
                ),
            ),
            "navigation": Words(("Navigation",)),
            "project": Words(("Project",), ("Capstone", "Capstone Project", "Final Project")),
            "ideas": Words(("Project Ideas", "Project Idea")),
        },
        labels={
            "tasks": Words(
                ("Tasks", "Task"), ("Practice", "Activities", "Exercises", "Assignments", "To do", "To-do")
            ),
            "deliverables": Words(
                ("Deliverables", "Deliverable"), ("Outcome", "Outcomes", "Output", "Outputs")
            ),
            "focus": Words(("Focus",), ("Theme", "Goal")),
            "title": Words(("Topic", "Topics", "Title", "Subject", "Content")),
        },
        details={
            "tier": Words(("Tier",)),
            "duration": Words(("Duration",)),
            "status": Words(("Status",)),
        },
        ideas=("idea", "suggest", "option", "choice", "choose", "pick"),
    ),
    "es": Language(
        name="Español",
        month=Words(("Mes",), ("Módulo", "Fase", "Sprint", "Día", "Unidad")),
        week=Words(("Semana",)),
        sections={
            "objectives": Words(
                ("Objetivos", "Objetivos de aprendizaje"), ("Resultados de aprendizaje", "Metas")
            ),
            "weeks": Words(
                ("Plan semanal", "Desglose semanal", "Semanas"),
                ("Cronograma", "Calendario", "Programa semanal"),
            ),
            "resources": Words(("Recursos",), ("Lecturas", "Bibliografía", "Referencias", "Materiales")),
            "criteria": Words(
                ("Criterios de éxito",),
                (
                    "Definición de terminado",
                    "Definición de hecho",
                    "Criterios de salida",
                    "Criterios de aceptación",
                    "Punto de control",
                ),
            ),
            "navigation": Words(("Navegación",)),
            "project": Words(("Proyecto",), ("Proyecto final",)),
            "ideas": Words(("Ideas de proyecto", "Ideas para el proyecto", "Ideas de proyectos")),
        },
        labels={
            "tasks": Words(("Tareas", "Tarea"), ("Práctica", "Prácticas", "Actividades", "Ejercicios")),
            "deliverables": Words(("Entregables", "Entregable"), ("Entregas", "Resultado", "Resultados")),
            "focus": Words(("Enfoque", "Foco"), ("Tema", "Meta", "Objetivo")),
            "title": Words(("Tema", "Temas", "Título", "Contenido")),
        },
        details={
            "tier": Words(("Nivel",), ("Etapa",)),
            "duration": Words(("Duración",)),
            "status": Words(("Estado",)),
        },
        ideas=("idea", "sugerenc", "opcion", "opción", "elige", "escoge"),
    ),
    "zh": Language(
        name="中文",
        month=Words(("第{n}个月", "第{n}月"), ("第{n}模块", "模块", "第{n}阶段", "第{n}单元", "第{n}天")),
        week=Words(("第{n}周", "第{n}星期")),
        sections={
            "objectives": Words(("目标", "学习目标"), ("学习成果",)),
            "weeks": Words(("每周计划", "每周安排", "周计划"), ("日程", "课程安排")),
            "resources": Words(("资源", "学习资源"), ("参考资料", "阅读材料")),
            "criteria": Words(("成功标准",), ("完成标准", "完成的定义", "验收标准", "检查点")),
            "navigation": Words(("导航",)),
            "project": Words(("项目",), ("结业项目",)),
            "ideas": Words(("项目创意", "项目想法")),
        },
        labels={
            "tasks": Words(("任务",), ("练习", "活动")),
            "deliverables": Words(("交付物",), ("产出", "成果")),
            "focus": Words(("重点",), ("主题", "目标")),
            "title": Words(("主题", "标题", "内容")),
        },
        details={
            "tier": Words(("级别", "层级")),
            "duration": Words(("时长", "周期")),
            "status": Words(("状态",)),
        },
        ideas=("创意", "想法", "选择", "建议"),
    ),
}


def known(kind: str, key: str = "") -> dict[str, bool]:
    """Words in small letters, and whether each is one of the dialect's own; of a kind such as "labels", by a key."""
    found: dict[str, bool] = {}
    for language in LANGUAGES.values():
        words = getattr(language, kind)
        words = words.get(key, Words(())) if isinstance(words, dict) else words
        for word in words.also:
            found.setdefault(word.lower(), False)
        for word in words.own:
            found[word.lower()] = True
    return found
