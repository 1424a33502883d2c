"""A headless Chromium, driven over WebDriver (https://www.w3.org/TR/webdriver2/) by chromedriver."""

import base64
import json
import os
import re
import subprocess
import urllib.request


class Browser:
    """Use as a context: the browser and its driver end with it."""

    def __enter__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                self.root = f"http://127.0.0.1:{found[1]}"
                break
        else:
            raise RuntimeError("chromedriver did not start")
        arguments = ["--headless", "--disable-gpu"] + ["--no-sandbox"] * (os.geteuid() == 0)
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": arguments}}}})
        self.root += f"/session/{session['sessionId']}"
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.root + path, method=method,
                                         headers={"Content-Type": "application/json"},
                                         data=json.dumps(body).encode() if body else None)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **parameters):
        """A command of the DevTools protocol."""
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path, width, height=900, dark=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script, *arguments):
        """What the body of a function returns in the page."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def console(self):
        """What the page said since the last call: errors, warnings and all else."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """Addresses that the browser asked for since the last call."""
        events = [json.loads(entry["message"])["message"]
                  for entry in self.call("POST", "/se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def press(self, selector, place=0):
        """Presses an element as a mouse would, where it must be visible."""
        found = self.call("POST", "/elements", {"using": "css selector", "value": selector})
        self.call("POST", f"/element/{next(iter(found[place].values()))}/click", {"": ""})

    def pdf(self, width_inches, height_inches):
        """The page as it would be printed."""
        printed = self.devtools("Page.printToPDF", paperWidth=width_inches, marginTop=0.6,
                                paperHeight=height_inches, preferCSSPageSize=False)
        return base64.b64decode(printed["data"])
