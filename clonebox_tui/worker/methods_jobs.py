"""Methods about acts and the jobs they become."""

from clonebox_tui.model.job import Job
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import (
    CANCEL,
    JOB,
    JOB_ACT,
    JOB_LOG,
    JOBS,
    PLAN,
    RUN,
    TROUBLE_SEEN,
    Asked,
    JobLog,
    Jobs,
    Nothing,
    OnJob,
    PlanAct,
    RunAct,
)
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""
    jobs, asked = server.engine.jobs, server.engine.asked

    async def plan(_session: Session, params: PlanAct) -> Plan:
        return await jobs.plan(params.act, params.context)

    async def run(_session: Session, params: RunAct) -> Job:
        job = await jobs.run(params.act, params.fingerprint, params.context)
        asked.remember(job, params.act)
        return job

    async def act_of(_session: Session, params: OnJob) -> Asked:
        return Asked(await asked.again(jobs.job(params.job)))

    async def list_all(_session: Session, _params: Nothing) -> Jobs:
        return Jobs(jobs.jobs(), server.engine.damage.trouble)

    async def trouble_seen(_session: Session, _params: Nothing) -> Nothing:
        await server.engine.damage.seen()
        return Nothing()

    async def show(_session: Session, params: OnJob) -> Job:
        return jobs.job(params.job)

    async def log(_session: Session, params: OnJob) -> JobLog:
        return JobLog(jobs.job(params.job).id, await jobs.lines(params.job))

    async def cancel(_session: Session, params: OnJob) -> Job:
        return await jobs.cancel(params.job)

    server.dispatch.serve(PLAN, plan)
    server.dispatch.serve(RUN, run)
    server.dispatch.serve(JOBS, list_all)
    server.dispatch.serve(JOB, show)
    server.dispatch.serve(JOB_LOG, log)
    server.dispatch.serve(JOB_ACT, act_of)
    server.dispatch.serve(CANCEL, cancel)
    server.dispatch.serve(TROUBLE_SEEN, trouble_seen)
