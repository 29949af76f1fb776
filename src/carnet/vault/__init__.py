"""Where are secrets kept?"""
