"""An older results file survives a kill, Ctrl-C, a full disk and a file-size limit, and nothing else
is left behind where the program could tidy up."""

import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

from harness import RECOUP, RecoupTest, digest


class Durability(RecoupTest):
    def setUp(self):
        super().setUp()
        self.write()
        self.run_json()
        self.old = digest(self.out / "results.h5")

    def assert_old_file_alone(self, folder=None):
        folder = folder or self.out
        self.assertEqual([path.name for path in folder.iterdir()], ["results.h5"])
        self.assertEqual(digest(folder / "results.h5"), self.old)

    def stop(self, number, *arguments, after=1.0):
        """Starts a run, sends it a signal, and gives (exit status, stdout, stderr)."""
        with subprocess.Popen([RECOUP, "run", "scenario.yaml", "-o", "out/results.h5", *arguments],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            time.sleep(after)
            process.send_signal(number)
            sent = time.monotonic()
            stdout, stderr = process.communicate(timeout=120)
            self.seconds = time.monotonic() - sent
        return process.returncode, stdout, stderr

    def test_kill(self):
        status, _, _ = self.stop(signal.SIGKILL, "--paths", "1e9")
        self.assertEqual(status, -signal.SIGKILL)
        self.assert_old_file_alone()

    def test_interrupt_and_terminate(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                status, stdout, stderr = self.stop(number, "--paths", "4e9")
                self.assertEqual((status, stdout), (1, ""), stderr)
                self.assertIn("interrupted", stderr)
                # a chunk of paths takes well below a second, under a sanitizer on a busy machine too
                self.assertLess(self.seconds, 10)
                self.assert_old_file_alone()

    def test_kill_at_any_moment(self):
        """The file is the old one or a whole new one."""
        start = time.monotonic()
        self.run_json("--seed", "6")
        whole = time.monotonic() - start
        for k in range(20):
            self.stop(signal.SIGKILL, "--seed", "6", after=whole * k / 18)
            done = self.recoup("compare", "out/results.h5")
            self.assert_status(done, 0)

    def test_file_size_limit(self):
        """Stands for a full disk where none can be made."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "--seed", "9",
                           preexec_fn=limit)
        self.assert_status(done, 1)
        self.assertIn("results.h5", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assert_old_file_alone()

    def test_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(disk)]
        if not shutil.which("mount") or subprocess.run(mount, capture_output=True,
                                                       check=False).returncode != 0:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=True)
        shutil.copy(self.out / "results.h5", disk)
        space = os.statvfs(disk)
        (disk / "ballast").write_bytes(bytes(space.f_bavail * space.f_frsize))
        done = self.recoup("run", "scenario.yaml", "-o", "disk/results.h5", "--seed", "9")
        self.assert_status(done, 1)
        self.assertIn("results.h5", done.stderr)
        (disk / "ballast").unlink()
        self.assert_old_file_alone(disk)

    def test_read_only_folder(self):
        if os.geteuid() == 0:
            self.skipTest("nothing is read-only to root")
        self.out.chmod(0o500)
        self.addCleanup(self.out.chmod, 0o700)
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_status(done, 1)
        self.assert_old_file_alone()


if __name__ == "__main__":
    unittest.main()
