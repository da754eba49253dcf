// How large pages or a picture are drawn: buttons, + − 0, and the wheel with Ctrl. What was in the middle stays there.

export class Zoom {
  // `area` scrolls; `show` is told the scale, 1 for as wide as the place; `said` hears it in words.
  constructor({ tools, area, levels, begin = 100, show, said }) {
    Object.assign(this, { area, levels, show, said });
    this.figure = tools.querySelector("[data-percent]");
    tools.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-step]");
      if (button) this.step(Number(button.dataset.step));
    });
    area.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { "+": 1, "=": 1, "-": -1, "−": -1, _: -1, 0: 0 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.step(step);
    });
    area.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      if (event.timeStamp - (this.turned ?? -Infinity) < 60) return; // A touchpad sends dozens.
      this.turned = event.timeStamp;
      const frame = area.getBoundingClientRect();
      this.step(event.deltaY < 0 ? 1 : -1, [event.clientX - frame.left, event.clientY - frame.top]);
    }, { passive: false });
    this.percent = levels.includes(begin) ? begin : 100;
    this.figure.textContent = `${this.percent} %`;
    show(this.percent / 100);
  }

  // By one level; 0 for as wide as the place.
  step(by, point) {
    const at = this.levels.indexOf(this.percent) + by;
    this.set(by ? this.levels[Math.min(Math.max(at, 0), this.levels.length - 1)] : 100, point);
  }

  set(percent, [x, y] = [this.area.clientWidth / 2, this.area.clientHeight / 2]) {
    const { area } = this;
    const [left, top] = [(area.scrollLeft + x) / area.scrollWidth, (area.scrollTop + y) / area.scrollHeight];
    this.percent = percent;
    this.figure.textContent = `${percent} %`;
    this.show(percent / 100);
    area.scrollTo({ left: left * area.scrollWidth - x, top: top * area.scrollHeight - y, behavior: "instant" });
    this.said(`${percent} %`);
  }
}
